package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.ChildJvm;
import io.github.vit4j.error.ImageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged JPEGs, read by the JDK in JVMs of their own. */
class JdkJpegFaultTest {
  private static final String WARNING = "start Java with -XX:+UseG1GC";

  @TempDir Path folder = Path.of("");

  /** What is run: reads a file so often. */
  public static final class Reading {
    private Reading() {}

    /** The arguments are the file and how often. */
    public static void main(String[] arguments) throws IOException {
      byte[] file = Files.readAllBytes(Path.of(arguments[0]));
      ImageReader reader = ImageReader.create().withDecoder("imageio");
      int read = 0;
      for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
        try {
          read += reader.read(file).width() == 64 ? 1 : 0;
        } catch (ImageException e) {
          System.out.println(e.getMessage());
        }
      }
      System.out.println("read " + read);
    }
  }

  private String output(int times, String... options) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(GeneratedImages.rgb(64, 64).toBufferedImage(), "jpeg", out);
    byte[] jpeg = out.toByteArray();
    int scan = new String(jpeg, StandardCharsets.ISO_8859_1).lastIndexOf("\u00ff\u00da");
    jpeg[scan + 200] = (byte) 0xff;
    jpeg[scan + 201] = (byte) 0xd3; // a restart where none is due
    Path log = folder.resolve("log");
    List<String> command =
        ChildJvm.command(
            List.of(options),
            Reading.class.getName(),
            List.of(
                Files.write(folder.resolve("damaged.jpg"), jpeg).toString(),
                Integer.toString(times)));
    ChildJvm.run(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()),
        Duration.ofMinutes(2));
    return Files.readString(log);
  }

  /** With the serial collector, one JVM in three stood still on the way. */
  @Test
  void damagedFilesDoNotStopTheJvmWithG1() throws Exception {
    assertThat(output(20_000, "-XX:+UseG1GC", "-Xmx16m", "-Xmn2m", "-XX:-UseTLAB"))
        .contains("read 20000")
        .doesNotContain(WARNING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseSerialGC", "-XX:+UseParallelGC"})
  void warnsOnceWhereTheyCan(String option) throws Exception {
    assertThat(output(3, option, "-Xmx256m")).contains("read 3").containsOnlyOnce(WARNING);
  }
}
