package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.HubException.Reason;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ModelNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client does with a hub that behaves, and with its cache. */
@Timeout(60)
class HubClientTest {
  @TempDir private Path folder;
  private FakeHub hub = new FakeHub();
  private String commit = HubFixture.fill(hub);
  private Path cache = Path.of("");
  private HubClient client = HubClient.fromEnvironment(Map.of());

  @BeforeEach
  void begin() {
    cache = folder.resolve("hub");
    client = HubFixture.client(hub, cache);
  }

  @AfterEach
  void end() throws IOException {
    hub.close();
    HubFixture.assertBlobsAreWhatTheyAreCalled(cache);
  }

  @Test
  void aModelIsDownloadedIntoTheLayoutOfPython() throws IOException {
    Path model = client.model(FakeHub.MODEL);
    Path repository = cache.resolve("models--google--vit-tiny");
    assertThat(model).isEqualTo(repository.resolve("snapshots").resolve(commit));
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(HubFixture.WEIGHTS);
    assertThat(model.resolve("config.json")).hasBinaryContent(HubFixture.CONFIG.bytes());
    String config = HubFixture.CONFIG.etag();
    String processor = FakeHub.small("{\"size\": 224}").etag();
    String weights = FakeHub.large(HubFixture.WEIGHTS).etag();
    assertThat(HubFixture.tree(repository))
        .containsExactlyInAnyOrder(
            ".no_exist/%s/processor_config.json".formatted(commit),
            "blobs/" + config,
            "blobs/" + processor,
            "blobs/" + weights,
            "refs/main",
            "snapshots/%s/config.json -> ../../blobs/%s".formatted(commit, config),
            "snapshots/%s/model.safetensors -> ../../blobs/%s".formatted(commit, weights),
            "snapshots/%s/preprocessor_config.json -> ../../blobs/%s".formatted(commit, processor));
    assertThat(HubFixture.text(repository.resolve("refs/main"))).isEqualTo(commit);
    assertThat(HubFixture.text(cache.resolve("CACHEDIR.TAG"))).startsWith("Signature: 8a477f597d");
    assertThat(HubFixture.tree(cache.resolve(".locks")))
        .contains("models--google--vit-tiny/" + weights + ".lock");
  }

  @Test
  void theTokenGoesToTheHubAndNotToWhereItRedirects() {
    client.model(FakeHub.MODEL);
    assertThat(hub.transfers()).hasSize(1);
    assertThat(hub.tokensSentElsewhere()).isEmpty();
    assertThat(hub.requests())
        .filteredOn(request -> request.host().equals("hub"))
        .isNotEmpty()
        .allSatisfy(
            request -> assertThat(request.authorization()).isEqualTo("Bearer " + FakeHub.TOKEN));
  }

  @Test
  void withoutATokenNoneIsSent() {
    Map<String, String> environment = HubFixture.environment(hub, cache);
    environment.remove("HF_TOKEN");
    environment.put("HF_HOME", folder.toString());
    HubFixture.client(environment).model(FakeHub.MODEL);
    assertThat(hub.requests()).extracting(FakeHub.Request::authorization).containsOnlyNulls();
  }

  @Test
  void whatIsThereIsNotDownloadedAgain() {
    client.model(FakeHub.MODEL);
    hub.forgetRequests();
    HubFixture.client(hub, cache).model(FakeHub.MODEL);
    assertThat(hub.requests())
        .extracting(FakeHub.Request::path)
        .containsExactly("/api/models/google/vit-tiny/revision/main");
  }

  @Test
  void ofANewCommitOnlyWhatHasChangedIsDownloaded() throws IOException {
    client.model(FakeHub.MODEL);
    hub.forgetRequests();
    String next =
        hub.commit(FakeHub.MODEL, "main", Map.of("config.json", FakeHub.small("{\"new\": 1}")));
    Path model = HubFixture.client(hub, cache).model(FakeHub.MODEL);
    assertThat(model).endsWith(Path.of(next));
    assertThat(model.resolve("config.json")).hasContent("{\"new\": 1}");
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(HubFixture.WEIGHTS);
    assertThat(hub.transfers()).isEmpty();
    assertThat(hub.requests("GET", "config.json")).hasSize(1);
    assertThat(HubFixture.text(cache.resolve("models--google--vit-tiny/refs/main")))
        .isEqualTo(next);
    assertThat(cache.resolve("models--google--vit-tiny/snapshots").resolve(commit)).exists();
  }

  @Test
  void aBranchATagAndACommitAreRevisions() throws IOException {
    String other =
        hub.commit(FakeHub.MODEL, "refs/pr/1", Map.of("config.json", FakeHub.small("{}")));
    hub.commit(
        FakeHub.MODEL, "refs/pr/1", Map.of("model.safetensors", FakeHub.large(new byte[] {1})));
    assertThat(client.modelFile(FakeHub.MODEL, "refs/pr/1", "config.json")).hasContent("{}");
    assertThat(cache.resolve("models--google--vit-tiny/refs/refs/pr/1")).exists();
    assertThat(client.modelFile(FakeHub.MODEL, other, "config.json")).hasContent("{}");
    hub.forgetRequests();
    assertThat(client.modelFile(FakeHub.MODEL, other, "config.json")).hasContent("{}");
    assertThat(hub.requests()).as("a commit never changes").isEmpty();
  }

  @Test
  void aFileOfADataSetIsFetchedAlone() throws IOException {
    Path photo = client.datasetFile("huggingface/cats-image", "cats_image.jpeg");
    assertThat(photo).hasBinaryContent(HubFixture.PHOTO);
    assertThat(cache.relativize(photo).toString())
        .startsWith("datasets--huggingface--cats-image/snapshots/");
    assertThat(hub.requests()).extracting(FakeHub.Request::method).containsOnly("HEAD", "GET");
    assertThat(hub.requests()).noneMatch(request -> request.path().startsWith("/api"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "model.safetensors model-00001-of-00002.safetensors pytorch_model.bin model.onnx | model.safetensors",
        "model.safetensors.index.json model-1.safetensors model-2.safetensors pytorch_model.bin | model.safetensors.index.json model-1.safetensors model-2.safetensors",
        "pytorch_model.bin pytorch_model.bin.index.json pytorch_model-1.bin onnx/model.onnx | pytorch_model.bin",
        "pytorch_model.bin.index.json pytorch_model-1.bin pytorch_model-2.bin | pytorch_model.bin.index.json pytorch_model-1.bin pytorch_model-2.bin",
        "model.onnx model.onnx_data onnx/model.onnx tf_model.h5 | model.onnx model.onnx_data",
        "onnx/model.onnx onnx/model.onnx_data onnx/model_fp16.onnx | onnx/model.onnx onnx/model.onnx_data"
      })
  void theBestFormOfTheWeightsIsTaken(String there, String taken) throws IOException {
    Map<String, FakeHub.Content> files = new LinkedHashMap<>();
    files.put("config.json", HubFixture.CONFIG);
    for (String name : there.split(" ", -1)) {
      String index =
          name.startsWith("model")
              ? "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"model-2.safetensors\"}}"
              : "{\"weight_map\": {\"a\": \"pytorch_model-1.bin\", \"b\": \"pytorch_model-2.bin\"}}";
      files.put(
          name,
          name.endsWith(".index.json")
              ? FakeHub.small(index)
              : FakeHub.large(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
    String id = hub.commit("some/model", "main", files);
    Path model = client.model("some/model");
    List<String> expected = new ArrayList<>(List.of(taken.split(" ", -1)));
    expected.add("config.json");
    try (var found = Files.walk(model)) {
      assertThat(found.filter(Files::isRegularFile).map(file -> model.relativize(file).toString()))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
    assertThat(cache.resolve("models--some--model/.no_exist").resolve(id))
        .isDirectoryContaining(file -> file.endsWith("preprocessor_config.json"));
    // From the cache alone, the same is chosen.
    try (FakeHub nobody = new FakeHub()) {
      Map<String, String> offline = HubFixture.environment(nobody, cache);
      offline.put("HF_HUB_OFFLINE", "1");
      assertThat(HubFixture.client(offline).model("some/model")).isEqualTo(model);
    }
  }

  @Test
  void aModelWithoutWeightsThatAreReadIsToldSo() {
    hub.commit(
        "some/model",
        "main",
        Map.of("config.json", HubFixture.CONFIG, "tf_model.h5", FakeHub.large(new byte[3])));
    HubFixture.failure(
        Reason.NOT_FOUND,
        () -> client.model("some/model"),
        "some/model has no weights that are read",
        "model.safetensors",
        "convert its tf_model.h5");
  }

  @Test
  void aMirrorThatListsNoFilesIsAskedForNames() throws IOException {
    hub.always("GET", "/api/", FakeHub.answer(404));
    Path model = client.model(FakeHub.MODEL);
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(HubFixture.WEIGHTS);
    hub.commit(
        "some/model",
        "main",
        Map.of("config.json", HubFixture.CONFIG, "pytorch_model.bin", FakeHub.large(new byte[3])));
    assertThat(client.model("some/model").resolve("pytorch_model.bin")).hasSize(3);
    assertThat(HubFixture.tree(cache.resolve("models--some--model/.no_exist")))
        .extracting(path -> path.replaceFirst(".*/", ""))
        .containsExactlyInAnyOrder(
            "model.safetensors",
            "model.safetensors.index.json",
            "preprocessor_config.json",
            "processor_config.json");
  }

  @Test
  void whatIsKnownToBeMissingIsNotAskedForAgain() {
    HubFixture.failure(
        Reason.NOT_FOUND,
        () -> client.modelFile(FakeHub.MODEL, commit, "nothing.json"),
        "google/vit-tiny has no file nothing.json at the revision '" + commit + "'");
    hub.forgetRequests();
    HubFixture.failure(
        Reason.NOT_FOUND, () -> client.modelFile(FakeHub.MODEL, commit, "nothing.json"));
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aRenamedRepositoryIsFollowedWithTheToken() throws IOException {
    hub.always(
        "HEAD",
        "/old/name/resolve/",
        exchange ->
            FakeHub.answer(
                    307,
                    "Location",
                    exchange.getRequestURI().getPath().replace("old/name", FakeHub.MODEL))
                .answer(exchange));
    hub.always(
        "GET",
        "/old/name/",
        exchange ->
            FakeHub.answer(
                    307,
                    "Location",
                    exchange.getRequestURI().getPath().replace("old/name", FakeHub.MODEL))
                .answer(exchange));
    assertThat(client.model("old/name").resolve("model.safetensors"))
        .hasBinaryContent(HubFixture.WEIGHTS);
    assertThat(hub.tokensSentElsewhere()).isEmpty();
  }

  @Test
  void offlineTheCacheIsEnough() {
    Path model = client.model(FakeHub.MODEL);
    hub.forgetRequests();
    for (String name : List.of("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")) {
      Map<String, String> environment = HubFixture.environment(hub, cache);
      environment.put(name, "true");
      HubClient offline = HubFixture.client(environment);
      assertThat(offline.model(FakeHub.MODEL)).isEqualTo(model);
      assertThat(offline.model(FakeHub.MODEL, commit)).isEqualTo(model);
      HubFixture.failure(
          Reason.OFFLINE,
          () -> offline.model("other/model"),
          "other/model is not in the cache " + cache,
          "HF_HUB_OFFLINE");
      HubFixture.failure(
          Reason.OFFLINE,
          () -> offline.modelFile(FakeHub.MODEL, "README.md"),
          "README.md of google/vit-tiny is not in the cache");
    }
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void whenTheHubIsNotThereTheCacheIsEnough() {
    Path model = client.model(FakeHub.MODEL);
    hub.close();
    HubClient alone = HubFixture.client(hub, cache);
    assertThat(alone.model(FakeHub.MODEL)).isEqualTo(model);
    assertThat(alone.modelFile(FakeHub.MODEL, "config.json")).exists();
    HubFixture.failure(
        Reason.UNREACHABLE,
        () -> alone.model("other/model"),
        "no connection to http://localhost",
        "https_proxy",
        "HF_HUB_OFFLINE=1");
    HubFixture.failure(
        Reason.UNREACHABLE,
        () -> alone.modelFile(FakeHub.MODEL, "README.md"),
        "README.md of google/vit-tiny is not in the cache");
  }

  @ParameterizedTest
  @CsvSource({"503", "500", "401", "403", "404"})
  void whenTheHubRefusesTheCacheIsEnough(int status) {
    Path model = client.model(FakeHub.MODEL);
    String code = status == 404 ? "RepoNotFound" : "";
    hub.always("GET", "/api/", FakeHub.answer(status, "X-Error-Code", code));
    hub.forgetRequests();
    assertThat(HubFixture.client(hub, cache).model(FakeHub.MODEL)).isEqualTo(model);
    assertThat(hub.requests()).as("no patience when the cache can stand in").hasSize(1);
  }

  @Test
  void whereThereAreNoLinksFilesLieInTheSnapshot() throws IOException {
    Map<String, String> environment = HubFixture.environment(hub, cache);
    environment.put("HF_HUB_DISABLE_SYMLINKS", "1");
    Path model = HubFixture.client(environment).model(FakeHub.MODEL);
    assertThat(model.resolve("model.safetensors"))
        .isRegularFile()
        .hasBinaryContent(HubFixture.WEIGHTS);
    assertThat(HubFixture.tree(cache)).noneMatch(file -> file.contains("->"));
    hub.forgetRequests();
    HubFixture.client(environment).model(FakeHub.MODEL);
    assertThat(hub.transfers()).isEmpty();
    // A blob that another snapshot may need is copied.
    String next = hub.commit(FakeHub.MODEL, "main", Map.of("config.json", FakeHub.small("{}")));
    client.model(FakeHub.MODEL);
    hub.commit(FakeHub.MODEL, "main", Map.of("README.md", FakeHub.small("new")));
    hub.forgetRequests();
    Path third = HubFixture.client(environment).model(FakeHub.MODEL);
    assertThat(third.resolve("config.json")).isRegularFile().hasContent("{}");
    assertThat(third.resolve("config.json").toRealPath()).startsWith(third.toRealPath());
    assertThat(model.resolveSibling(next).resolve("config.json")).isSymbolicLink();
    assertThat(hub.transfers()).isEmpty();
  }

  @Test
  void aLinkToNothingIsReplaced() throws IOException {
    Path model = client.model(FakeHub.MODEL);
    Files.delete(model.resolve("model.safetensors").toRealPath());
    assertThat(HubFixture.client(hub, cache).model(FakeHub.MODEL).resolve("model.safetensors"))
        .hasBinaryContent(HubFixture.WEIGHTS);
  }

  @Test
  void aListenerIsToldHowFarItIs() {
    Map<String, List<Long>> seen = new ConcurrentHashMap<>();
    Map<String, Long> totals = new ConcurrentHashMap<>();
    client
        .withListener(
            (file, bytes, total) -> {
              seen.computeIfAbsent(file, name -> new CopyOnWriteArrayList<>()).add(bytes);
              totals.put(file, total);
            })
        .model(FakeHub.MODEL);
    assertThat(totals)
        .containsEntry("google/vit-tiny/model.safetensors", (long) HubFixture.WEIGHTS.length)
        .containsKeys("google/vit-tiny/config.json", "google/vit-tiny/preprocessor_config.json")
        .hasSize(3);
    List<Long> steps = seen.get("google/vit-tiny/model.safetensors");
    assertThat(steps).isSorted().startsWith(0L).endsWith((long) HubFixture.WEIGHTS.length);
  }

  @Test
  void severalThreadsDownloadOnce() throws Exception {
    List<Future<Path>> models = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        HubClient own = i % 2 == 0 ? client : HubFixture.client(hub, cache);
        models.add(executor.submit(() -> own.model(FakeHub.MODEL)));
      }
      for (Future<Path> model : models) {
        assertThat(model.get().resolve("model.safetensors")).hasBinaryContent(HubFixture.WEIGHTS);
      }
    }
    assertThat(hub.transfers()).hasSize(1);
  }

  @Test
  void aModelOfTheHubIsResolvedByItsId() throws IOException {
    ModelFiles files = ModelFiles.resolve(FakeHub.MODEL, Optional.empty(), () -> client);
    assertThat(hub.requests()).as("nothing is asked before it is needed").isEmpty();
    assertThat(files.name()).isEqualTo(FakeHub.MODEL);
    assertThat(files.config().hiddenSize()).isEqualTo(768);
    assertThat(files.preprocessorConfig().orElseThrow().get("size").intValue()).isEqualTo(224);
    assertThat(hub.transfers()).as("the weights were not needed").isEmpty();
    hub.commit(FakeHub.MODEL, "main", Map.of("config.json", FakeHub.small("{}")));
    assertThatThrownBy(files::checkpoint)
        .as("these are random bytes")
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining(commit);
    assertThat(hub.transfers()).hasSize(1);
  }

  @Test
  void aRevisionMayStandInTheIdOrInTheOptions() {
    for (ModelFiles files :
        List.of(
            ModelFiles.resolve(FakeHub.MODEL + "@" + commit, Optional.empty(), () -> client),
            ModelFiles.resolve(FakeHub.MODEL, Optional.of(commit), () -> client),
            ModelFiles.resolve(FakeHub.MODEL + "@" + commit, Optional.of(commit), () -> client))) {
      assertThat(files.name()).isEqualTo(FakeHub.MODEL + "@" + commit);
      assertThat(files.config().hiddenSize()).isEqualTo(768);
    }
    assertThatThrownBy(
            () -> ModelFiles.resolve(FakeHub.MODEL + "@v1", Optional.of("v2"), () -> client))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("v1")
        .hasMessageContaining("v2");
    assertThatThrownBy(() -> ModelFiles.resolve(folder.toString(), Optional.of("v2"), () -> client))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("not on the hub");
  }

  @Test
  void whatCanBeNoIdIsNotAskedFor() {
    for (String name :
        List.of("nowhere", "./nowhere", "/no/where", "a/b/c", "a//b", "a/b.git", "a/b--c", "ü/b")) {
      assertThatThrownBy(() -> ModelFiles.resolve(name, Optional.empty(), () -> client))
          .isInstanceOf(ModelNotFoundException.class)
          .hasMessageContaining("no model at '" + name + "'")
          .hasMessageContaining("google/vit-base-patch16-224");
    }
    for (String name : List.of("a/b/c", "../x", "datasets/a/b", "", "-a/b", "a/b\n")) {
      HubFixture.failure(Reason.INVALID, () -> client.model(name), "not the id of a repository");
    }
    for (String revision : List.of("../../x", "", "a//b", "/main", "a\nb", "..")) {
      HubFixture.failure(
          Reason.INVALID, () -> client.model(FakeHub.MODEL, revision), "is not a revision");
    }
    for (String file : List.of("../../x", "", "/etc/passwd", "a\\b", "c:x", "nul", "a/../b")) {
      HubFixture.failure(
          Reason.INVALID, () -> client.modelFile(FakeHub.MODEL, file), "is not a file");
    }
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aCacheThatCannotBeWrittenToIsToldInALine() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    HubException e =
        HubFixture.failure(
            Reason.CACHE,
            () -> HubFixture.client(hub, file.resolve("hub")).model(FakeHub.MODEL),
            "cannot write to the cache",
            "HF_HUB_CACHE");
    assertThat(e).hasMessageContaining(file.toString());
  }
}
