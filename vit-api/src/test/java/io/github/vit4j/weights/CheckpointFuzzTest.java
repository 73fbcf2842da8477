package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fuzzes {@link Checkpoint} with Jazzer, 20 seconds each: whole files of torch and safetensors,
 * pickles inside a good archive, headers of safetensors. For longer: {@code mvn -pl vit-api test
 * -Dtest=CheckpointFuzzTest -Dvit4j.fuzz.seconds=300}, with other random numbers: {@code
 * -Dvit4j.fuzz.seed=7}.
 */
class CheckpointFuzzTest {
  @TempDir Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"file", "pickle", "safetensors"})
  void findsNeitherHangNorUndocumentedExceptionNorExcessOfMemory(String format) throws Exception {
    Path seeds = Files.createDirectory(folder.resolve("seeds"));
    writeSeeds(format, seeds);

    Fuzzing.run(
        CheckpointFuzzTarget.class,
        folder,
        seeds,
        Fuzzing.seconds(20),
        "io.github.vit4j.**",
        "-Dvit4j.fuzz.format=" + format);
  }

  private static void writeSeeds(String format, Path seeds) throws IOException {
    switch (format) {
      case "file" -> {
        seed(seeds, "safetensors", Resources.bytes("every-type.safetensors"));
        seed(seeds, "zip", Resources.bytes("torch/zip-protocol2.bin"));
        seed(seeds, "zip4", Resources.bytes("torch/zip-protocol4.bin"));
        seed(seeds, "repacked", Resources.bytes("torch/repacked.bin"));
        seed(seeds, "legacy", Resources.bytes("torch/legacy-protocol2.bin"));
        TorchFileTest.hostile()
            .forEach(row -> seed(seeds, "hostile-" + row.name().hashCode(), row.file()));
      }
      case "pickle" -> {
        for (String name : new String[] {"zip-protocol2", "zip-protocol5", "unsupported"}) {
          seed(seeds, name, pickle(Resources.bytes("torch/" + name + ".bin")));
        }
        TorchFileTest.hostile()
            .forEach(
                row -> {
                  byte[] file = row.file();
                  if (file.length < 1000) {
                    seed(seeds, "hostile-" + row.name().hashCode(), pickle(file));
                  }
                });
      }
      default -> {
        byte[] file = Resources.bytes("every-type.safetensors");
        int length = (file[0] & 0xff) | (file[1] & 0xff) << 8;
        seed(seeds, "every-type", Arrays.copyOfRange(file, 8, 8 + length));
        seed(
            seeds,
            "small",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4,4],\"data_offsets\":[0,64]},\"__metadata__\":{\"b\":\"c\"}}"
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    assertThat(seeds).isNotEmptyDirectory();
  }

  /** From the first byte of the pickle to where it probably stops. */
  private static byte[] pickle(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int begin = Math.max(text.indexOf("\u0080"), 0);
    int end = text.indexOf("PK", begin);
    return Arrays.copyOfRange(file, begin, end < 0 ? file.length : end);
  }

  private static void seed(Path seeds, String name, byte[] bytes) {
    try {
      Files.write(seeds.resolve(name), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
