package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kit as other projects have it: in a jar. */
class PackagedCasesTest {
  private static Path pack(Path classes, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(
            new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
        Files.copy(file, entries);
      }
    }
    return jar;
  }

  @Test
  void casesAreReadFromAJar(@TempDir Path directory) throws Exception {
    Path classes =
        Path.of(ReferenceCases.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<URL> urls = new ArrayList<>();
    urls.add(pack(classes, directory.resolve("vit-conformance.jar")).toUri().toURL());
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!Path.of(entry).equals(classes)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> cases = loader.loadClass(ReferenceCases.class.getName());
      assertThat(cases.getProtectionDomain().getCodeSource().getLocation().toString())
          .endsWith(".jar");
      assertThat((List<?>) cases.getMethod("all").invoke(null)).hasSameSizeAs(ReferenceCases.all());
      Object reference = cases.getMethod("named", String.class).invoke(null, "classifier");
      assertThat((List<?>) reference.getClass().getMethod("runs").invoke(reference))
          .hasSameSizeAs(ReferenceCases.named("classifier").runs());
      Path written = (Path) reference.getClass().getMethod("directory").invoke(reference);
      assertThat(written).isNotNull();
      assertThat(written.resolve("model.safetensors"))
          .hasSameBinaryContentAs(
              ReferenceCases.named("classifier").directory().resolve("model.safetensors"));
    }
  }
}
