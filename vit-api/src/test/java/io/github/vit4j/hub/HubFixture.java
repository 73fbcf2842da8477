package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.vit4j.error.HubException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A hub with a model and a data set, and clients that are in a hurry. */
final class HubFixture {
  static final byte[] WEIGHTS = bytes(300_000, 1);
  static final byte[] PHOTO = bytes(5_000, 2);
  static final FakeHub.Content CONFIG = FakeHub.small("{\"model_type\": \"vit\"}");

  private HubFixture() {}

  static byte[] bytes(int count, int seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Its first commit. */
  static String fill(FakeHub hub) {
    hub.commit(FakeHub.DATASET, "main", Map.of("cats_image.jpeg", FakeHub.large(PHOTO)));
    return hub.commit(
        FakeHub.MODEL,
        "main",
        Map.of(
            "config.json",
            CONFIG,
            "preprocessor_config.json",
            FakeHub.small("{\"size\": 224}"),
            "model.safetensors",
            FakeHub.large(WEIGHTS),
            "pytorch_model.bin",
            FakeHub.large(bytes(10, 3)),
            "README.md",
            FakeHub.small("# Tiny")));
  }

  static Map<String, String> environment(FakeHub hub, Path cache) {
    return environment(hub.address(), cache);
  }

  static Map<String, String> environment(String endpoint, Path cache) {
    Map<String, String> variables = new HashMap<>();
    variables.put("HF_ENDPOINT", endpoint);
    variables.put("HF_HUB_CACHE", cache.toString());
    variables.put("HF_TOKEN", FakeHub.TOKEN);
    return variables;
  }

  static HubClient client(FakeHub hub, Path cache) {
    return client(environment(hub, cache));
  }

  static HubClient client(Map<String, String> environment) {
    return inAHurry(HubClient.builder(environment)).build();
  }

  static HubClient.Builder inAHurry(HubClient.Builder builder) {
    return builder
        .retries(3)
        .retryDelay(Duration.ofMillis(10))
        .answerTimeout(Duration.ofMillis(1500))
        .stallTimeout(Duration.ofMillis(500));
  }

  /** The failure of one line that something ends with, for that reason and with these parts. */
  static HubException failure(HubException.Reason reason, ThrowingCallable call, String... parts) {
    HubException e = catchThrowableOfType(HubException.class, call);
    assertThat(e).as("a HubException").isNotNull();
    for (String part : parts) {
      assertThat(e).hasMessageContaining(part);
    }
    assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
    assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1);
    assertThat(e.getMessage()).doesNotContain(FakeHub.TOKEN, "Signature", "Exception");
    return e;
  }

  /** The files under a folder: the relative path of each and what a link says. */
  static List<String> tree(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
          .map(file -> folder.relativize(file) + target(file))
          .sorted()
          .toList();
    }
  }

  private static String target(Path file) {
    try {
      return Files.isSymbolicLink(file) ? " -> " + Files.readSymbolicLink(file) : "";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Nothing that has its final name in the cache has other bytes than the name says. */
  static void assertBlobsAreWhatTheyAreCalled(Path cache) throws IOException {
    if (!Files.exists(cache)) {
      return;
    }
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (file.toString().contains("/blobs/") && BlobHash.isHash(name)) {
          assertThat(BlobHash.of(file, name)).isEqualTo(name);
        }
      }
    }
  }

  static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
