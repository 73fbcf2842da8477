package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Model directories that someone has damaged, on purpose or not: one line each, and soon. */
@Timeout(60)
class HostileModelsTest {
  @TempDir Path folder = Path.of("");
  private Path model = Path.of("");
  private Path weights = Path.of("");
  private Path config = Path.of("");
  private Path image = Path.of("");

  @BeforeEach
  void makeModel() throws IOException {
    model = Fixtures.tinyModel(folder.resolve("model"));
    weights = model.resolve("model.safetensors");
    config = model.resolve("config.json");
    image = Fixtures.image(folder.resolve("red.png"), 0xff0000);
  }

  private void classifyFails(String... parts) {
    Vit.run("classify", "--model", model, image).fails(parts);
  }

  private void write(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, json.length).array());
    out.write(json);
    out.write(data);
    Files.write(weights, out.toByteArray());
  }

  @Test
  void truncatedWeights() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    for (int length : new int[] {0, 4, 8, 100, bytes.length - 1}) {
      Files.write(weights, Arrays.copyOf(bytes, length));
      classifyFails("model.safetensors");
    }
  }

  @Test
  void headerLengthsBeyondTheFile() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    for (long length : new long[] {bytes.length, 1L << 40, Long.MAX_VALUE, -1}) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      Files.write(weights, bytes);
      classifyFails("model.safetensors", "header length");
    }
  }

  @Test
  void tensorsThatOverlapRepeatOrLie() throws IOException {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    write(
        "{" + a + ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        new byte[12]);
    classifyFails("overlap");
    write("{" + a + "," + a + "}", new byte[8]);
    classifyFails("model.safetensors");
    write("{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN],\"data_offsets\":[0,8]}}", new byte[8]);
    classifyFails("model.safetensors");
    write(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}",
        new byte[0]);
    classifyFails("model.safetensors");
    write("{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", new byte[8]);
    classifyFails("unknown dtype", "F31");
    write("[".repeat(100_000) + "]".repeat(100_000), new byte[0]);
    classifyFails("model.safetensors");
    write("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}", new byte[0]);
    classifyFails("model.safetensors");
    write("{}", new byte[0]);
    classifyFails("model.safetensors");
  }

  @Test
  void weightsOfTheWrongTypeOrShape() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.write(weights, text.replace("\"F32\"", "\"I32\"").getBytes(StandardCharsets.ISO_8859_1));
    classifyFails("int32");
    Files.write(weights, text.replace("[3,8]", "[8,3]").getBytes(StandardCharsets.ISO_8859_1));
    classifyFails("classifier.weight", "[8, 3]");
  }

  @Test
  void missingWeights() throws IOException {
    Files.delete(weights);
    classifyFails("no weights", "model.safetensors");
    Files.writeString(model.resolve("pytorch_model.bin"), "anything");
    classifyFails("pickle");
  }

  @Test
  void hostileConfigurations() throws IOException {
    String good = Files.readString(config);
    Files.writeString(config, good.substring(0, good.length() / 2));
    classifyFails("config.json", "not valid JSON");
    Files.writeString(config, "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    classifyFails("config.json");
    Files.writeString(config, "[]");
    classifyFails("config.json", "not a JSON object");
    Files.writeString(config, good.replace("\"hidden_size\": 8", "\"hidden_size\": NaN"));
    classifyFails("config.json");
    Files.writeString(config, good.replace("\"hidden_size\": 8", "\"hidden_size\": 1e9"));
    classifyFails("hidden_size");
    Files.writeString(config, good.replace("\"hidden_size\": 8", "\"hidden_size\": 2147483646"));
    classifyFails("model.safetensors");
    Files.writeString(
        config, good.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1000000000"));
    classifyFails("num_hidden_layers");
    Files.writeString(config, good.replace("\"image_size\": 16", "\"image_size\": 2147483647"));
    classifyFails("image_size", "more than can be addressed");
    Files.writeString(config, good.replace("\"vit\"", "\"bert\""));
    classifyFails("model_type", "bert");
    Files.writeString(
        config, good.replace("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"x\\ny\""));
    classifyFails("unknown activation function");
  }

  @Test
  void hostilePreprocessors() throws IOException {
    Path preprocessor = model.resolve("preprocessor_config.json");
    String good = Files.readString(preprocessor);
    Files.writeString(preprocessor, good.replace("\"height\": 16", "\"height\": 2147483647"));
    classifyFails("pixels");
    Files.writeString(preprocessor, good.replace("\"height\": 16", "\"height\": 17"));
    classifyFails("17*16", "16*16");
    Files.writeString(preprocessor, "{");
    classifyFails("preprocessor_config.json");
    assertThat(good).contains("\"height\": 16");
  }
}
