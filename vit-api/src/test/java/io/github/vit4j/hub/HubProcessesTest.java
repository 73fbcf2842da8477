package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.ChildJvm;
import io.github.vit4j.error.HubException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several processes and one cache: killed ones, simultaneous ones, and Python. */
@Timeout(120)
class HubProcessesTest {
  private static final byte[] WEIGHTS = HubFixture.WEIGHTS;
  private static final int HALF = 150_000;

  @TempDir private Path folder;
  private FakeHub hub = new FakeHub();
  private String commit = HubFixture.fill(hub);
  private Path cache = Path.of("");

  @BeforeEach
  void begin() {
    cache = folder.resolve("hub");
  }

  @AfterEach
  void end() throws IOException {
    hub.close();
    HubFixture.assertBlobsAreWhatTheyAreCalled(cache);
  }

  private Process java() throws IOException {
    return start(
        ChildJvm.command(
            List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"),
            DownloadMain.class.getName(),
            List.of(FakeHub.MODEL)));
  }

  private Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.matches("(?i)(HF_|HUGGING|.*_proxy).*"));
    builder.environment().putAll(HubFixture.environment(hub, cache));
    return builder.start();
  }

  private static String output(Process process) throws IOException, InterruptedException {
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static String python() {
    String python = System.getenv("VIT4J_PYTHON");
    Assumptions.assumeTrue(python != null, "VIT4J_PYTHON names no Python that has huggingface_hub");
    return String.valueOf(python);
  }

  private Process python(Object... arguments) throws IOException {
    return start(
        Stream.concat(
                Stream.of(python(), "src/test/reference/hub_cache.py"),
                Arrays.stream(arguments).map(Object::toString))
            .toList());
  }

  @Test
  void aKilledDownloadIsTakenUpByTheNextProcess() throws Exception {
    CountDownLatch half = new CountDownLatch(1);
    hub.once(
        "GET",
        "/stored/",
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          OutputStream out = exchange.getResponseBody();
          out.write(WEIGHTS, 0, HALF);
          out.flush();
          half.countDown();
          Thread.sleep(100); // less than the client's patience
          for (int i = 0; i < 100; i++) {
            out.write(WEIGHTS, HALF + i, 1);
            out.flush();
            Thread.sleep(300);
          }
        });
    Process process = java();
    assertThat(half.await(60, TimeUnit.SECONDS)).isTrue();
    Path incomplete =
        cache
            .resolve("models--google--vit-tiny/blobs")
            .resolve(FakeHub.large(WEIGHTS).etag() + ".incomplete");
    while (!Files.exists(incomplete) || Files.size(incomplete) < HALF) {
      Thread.sleep(10);
    }
    process.destroyForcibly().waitFor();
    long present = Files.size(incomplete);
    assertThat(present).isBetween((long) HALF, WEIGHTS.length - 1L);
    hub.forgetRequests();
    Path model = Path.of(output(java()));
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers())
        .as("only the rest was fetched")
        .extracting(FakeHub.Request::from)
        .containsExactly(present);
    assertThat(incomplete).doesNotExist();
  }

  private static FakeHub.Misbehaviour slowly() {
    return exchange -> {
      exchange.sendResponseHeaders(200, WEIGHTS.length);
      OutputStream out = exchange.getResponseBody();
      for (int from = 0; from < WEIGHTS.length; from += 10_000) {
        out.write(WEIGHTS, from, 10_000);
        out.flush();
        Thread.sleep(100);
      }
    };
  }

  @Test
  void twoProcessesDownloadOnce() throws Exception {
    hub.always("GET", "/stored/", slowly());
    Process one = java();
    Process other = java();
    assertThat(output(one)).isEqualTo(output(other)).endsWith(commit);
    assertThat(hub.transfers()).hasSize(1);
  }

  @Test
  void javaAndPythonDownloadOnce() throws Exception {
    hub.always("GET", "/stored/", slowly());
    Process python = python("download", FakeHub.MODEL, "model.safetensors");
    Process java = java();
    assertThat(output(java)).endsWith(commit);
    assertThat(output(python)).endsWith(commit + "/model.safetensors");
    assertThat(hub.transfers()).hasSize(1);
  }

  @Test
  void aLockThatPythonHoldsIsWaitedFor() throws Exception {
    Path lock = cache.resolve(".locks/models--google--vit-tiny/abc.lock");
    Process python = python("hold", lock, 2);
    assertThat(python.inputReader().readLine()).isEqualTo("held");
    long begun = System.nanoTime();
    try (CacheLock _ = CacheLock.acquire(lock)) {
      assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(500));
      // And now the other way round.
      Process other = python("try", lock);
      assertThat(output(other)).isEqualTo("busy");
    }
    assertThat(output(python("try", lock))).isEqualTo("free");
    assertThat(python.waitFor()).isZero();
  }

  @Test
  void pythonReadsWhatJavaWrote() throws Exception {
    HubClient client = HubFixture.client(hub, cache);
    Path model = client.model(FakeHub.MODEL);
    client.datasetFile("huggingface/cats-image", "cats_image.jpeg");
    hub.commit("some/model", "v1", Map.of("config.json", HubFixture.CONFIG));
    client.modelFile("some/model", "v1", "config.json");
    HubFixture.failure(
        Reason.NOT_FOUND, () -> client.modelFile("some/model", "v1", "nothing.json"));
    hub.close(); // Python has to do with the cache
    assertThat(output(python("read", model)).lines())
        .contains(
            "model.safetensors: " + model.resolve("model.safetensors"),
            "offline model.safetensors: " + model.resolve("model.safetensors"),
            "nothing.json: known to be missing",
            "repository google/vit-tiny model ['main'] 3 files %d bytes"
                .formatted(client.cache().models().getFirst().bytes()),
            "repository huggingface/cats-image dataset ['main'] 1 files 5000 bytes",
            "repository some/model model ['v1'] 1 files 21 bytes",
            "warnings: 0");
  }

  @Test
  void javaReadsWhatPythonWrote() throws Exception {
    assertThat(output(python("snapshot", FakeHub.MODEL))).endsWith(commit);
    assertThat(output(python("download", "datasets/huggingface/cats-image", "cats_image.jpeg")))
        .endsWith("cats_image.jpeg");
    hub.forgetRequests();
    HubClient client = HubFixture.client(hub, cache);
    Path model = client.model(FakeHub.MODEL);
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(hub.requests())
        .extracting(FakeHub.Request::path)
        .containsExactly("/api/models/google/vit-tiny/revision/main");
    hub.close();
    HubClient alone = HubFixture.client(hub, cache);
    assertThat(alone.model(FakeHub.MODEL)).isEqualTo(model);
    assertThat(alone.datasetFile("huggingface/cats-image", "cats_image.jpeg"))
        .hasBinaryContent(HubFixture.PHOTO);
    assertThat(alone.cache().models())
        .singleElement()
        .extracting(CachedModel::commit)
        .isEqualTo(commit);
  }

  @Test
  void bytesThatPythonSharesBetweenRepositoriesGoWithTheLast() throws Exception {
    HubClient client = HubFixture.client(hub, cache);
    hub.commit(
        "some/model",
        "main",
        Map.of("config.json", HubFixture.CONFIG, "model.safetensors", FakeHub.large(WEIGHTS)));
    client.model(FakeHub.MODEL);
    client.model("some/model");
    String etag = FakeHub.large(WEIGHTS).etag();
    for (String repository : List.of("models--google--vit-tiny", "models--some--model")) {
      assertThat(
              output(
                  python("share", cache.resolve(repository).resolve("blobs").resolve(etag), "ab")))
          .isEqualTo("shared");
    }
    Path payload = cache.resolve("blobs/ab").resolve("ab".repeat(32));
    assertThat(payload).hasBinaryContent(WEIGHTS);
    assertThat(client.model("some/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    List<CachedModel> first = client.cache().remove(FakeHub.MODEL, Optional.empty());
    assertThat(first.getFirst().bytes()).isLessThan(WEIGHTS.length);
    assertThat(payload).exists();
    assertThat(client.model("some/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    List<CachedModel> second = client.cache().remove("some/model", Optional.empty());
    assertThat(second.getFirst().bytes()).isGreaterThan(WEIGHTS.length);
    assertThat(payload).doesNotExist();
  }
}
