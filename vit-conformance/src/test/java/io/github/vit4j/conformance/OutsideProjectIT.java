package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Follows the page "Write a backend of your own" to the letter, in a Maven project of its own that
 * knows nothing but the installed artifacts. The page marks what to do: {@code <!-- outside: file:
 * NAME -->} before the content of a file, {@code <!-- outside: run -->} before commands.
 *
 * <p>The artifacts come from a repository that the build installs them into, and everything else
 * from the repository that this build itself fills, so that no network is needed.
 */
class OutsideProjectIT {
  private static final Path CLONE = Path.of("..").toAbsolutePath().normalize();
  private static final Path OUTSIDE = property("vit4j.outside.directory");
  private static final Path PROJECT = OUTSIDE.resolve("abacus");
  private static final long PATIENCE_MINUTES = 10;

  private static final Pattern STEP =
      Pattern.compile(
          "(?s)<!-- outside: (run|file: (?<file>\\S+)) -->\n```\\w*\n(?<content>.*?)```\n");

  /** What the page's reader would write next: choose the backend by its name. */
  private static final String CHOICE =
      """
      package com.example.abacus;

      import static org.assertj.core.api.Assertions.assertThat;

      import io.github.vit4j.LoadOptions;
      import io.github.vit4j.ViTModel;
      import io.github.vit4j.config.ViTConfig;
      import io.github.vit4j.runtime.BackendRegistry;
      import org.junit.jupiter.api.Test;

      class AbacusIsChosenTest {
        @Test
        void byItsName() {
          assertThat(BackendRegistry.installed().find("abacus"))
              .containsInstanceOf(AbacusBackendProvider.class);
          ViTConfig config = ViTConfig.builder().hiddenSize(8).numAttentionHeads(2).build();
          try (ViTModel model =
              ViTModel.fromConfig(config, 1, LoadOptions.defaults().withBackend("abacus"))) {
            assertThat(model.info().backend()).isEqualTo("abacus");
          }
        }
      }
      """;

  @Test
  void aBackendWrittenFromThePageIsFoundChosenAndJudged() throws Exception {
    delete(PROJECT);
    Files.createDirectories(PROJECT);
    write(OUTSIDE.resolve("settings.xml"), settings());
    List<MatchResult> steps =
        STEP.matcher(Files.readString(Path.of("WRITING-A-BACKEND.md"))).results().toList();
    assertThat(steps).as("steps on the page").hasSize(5);
    List<String> commands = new ArrayList<>();
    for (MatchResult step : steps) {
      if (step.group("file") == null) {
        commands.add(step.group("content"));
      } else {
        write(PROJECT.resolve(step.group("file")), step.group("content"));
      }
    }
    run(commands.getFirst());
    write(PROJECT.resolve("src/test/java/com/example/abacus/AbacusIsChosenTest.java"), CHOICE);
    run(commands.getLast());

    Element choice = report("AbacusIsChosenTest");
    assertThat(choice.getAttribute("tests")).isEqualTo("1");
    assertThat(choice.getAttribute("failures") + choice.getAttribute("errors")).isEqualTo("00");

    Element kit = report("AbacusConformanceTest");
    assertThat(Integer.parseInt(kit.getAttribute("tests"))).isGreaterThan(100);
    assertThat(kit.getAttribute("failures") + kit.getAttribute("errors")).isEqualTo("00");
    NodeList skipped = kit.getElementsByTagName("skipped");
    for (int i = 0; i < skipped.getLength(); i++) {
      assertThat(skipped.item(i).getTextContent()).contains("a quick run was asked for");
    }
  }

  private static Path property(String name) {
    return Path.of(
        Objects.requireNonNull(System.getProperty(name), () -> name + " is set by Maven"));
  }

  /** Another local repository, behind it first this build's, and then whatever was there. */
  private static String settings() {
    String repository =
        """
              <id>this-build</id>
              <url>%s</url>
              <releases>
                <checksumPolicy>ignore</checksumPolicy>
              </releases>
        """
            .formatted(property("vit4j.outside.plugins").toUri());
    return """
    <settings>
      <localRepository>%s</localRepository>
      <profiles>
        <profile>
          <id>this-build</id>
          <repositories>
            <repository>
    %s        </repository>
          </repositories>
          <pluginRepositories>
            <pluginRepository>
    %s        </pluginRepository>
          </pluginRepositories>
        </profile>
      </profiles>
      <activeProfiles>
        <activeProfile>this-build</activeProfile>
      </activeProfiles>
    </settings>
    """
        .formatted(OUTSIDE.resolve("repository"), repository, repository);
  }

  /** Runs the page's commands as they stand; mvn is the one that runs this build. */
  private static void run(String commands) throws IOException, InterruptedException {
    Path log = OUTSIDE.resolve("log.txt");
    String mvn =
        "mvn() { \"%s\" -B -gs \"%s\" \"$@\"; }\n"
            .formatted(
                property("vit4j.outside.maven").resolve("bin/mvn"),
                OUTSIDE.resolve("settings.xml"));
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-e", "-c", mvn + commands)
            .directory(PROJECT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("VIT4J", CLONE.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(List.of("MAVEN_OPTS", "MAVEN_ARGS"));
    Process process = builder.start();
    boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
    process.destroy();
    assertThat(ended && process.waitFor() == 0).as(() -> commands + "says:\n" + read(log)).isTrue();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, content);
  }

  private static Element report(String test) throws Exception {
    return DocumentBuilderFactory.newDefaultNSInstance()
        .newDocumentBuilder()
        .parse(
            PROJECT
                .resolve("target/surefire-reports/TEST-com.example.abacus." + test + ".xml")
                .toFile())
        .getDocumentElement();
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
