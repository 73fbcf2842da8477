package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.error.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listing and removing what is in the cache. */
class HubCacheTest {
  private static final long SMALL =
      (long) HubFixture.CONFIG.bytes().length + "{\"size\": 224}".length();

  @TempDir private Path folder;
  private FakeHub hub = new FakeHub();
  private String first = HubFixture.fill(hub);
  private String second = "";
  private Path cache = Path.of("");
  private HubClient client = HubClient.fromEnvironment(Map.of());

  /** Two commits that differ in a file of two bytes, and a data set. */
  @BeforeEach
  void begin() {
    cache = folder.resolve("hub");
    client = HubFixture.client(hub, cache);
    client.model(FakeHub.MODEL);
    second = hub.commit(FakeHub.MODEL, "main", Map.of("config.json", FakeHub.small("{}")));
    client = HubFixture.client(hub, cache);
    client.model(FakeHub.MODEL);
    client.datasetFile("huggingface/cats-image", "cats_image.jpeg");
  }

  @AfterEach
  void end() {
    hub.close();
  }

  private long used() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      long bytes = 0;
      for (Path file : files.filter(file -> !Files.isSymbolicLink(file)).toList()) {
        bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
      }
      return bytes;
    }
  }

  /** As another user's may be; a loop of links cannot be read by anybody. */
  @Test
  void aModelThatCannotBeReadHidesNoOther() throws IOException {
    Path refs = Files.createDirectories(cache.resolve("models--a--loop/refs"));
    Files.createSymbolicLink(refs.resolve("main"), Path.of("main"));
    Path snapshot = cache.resolve("models--a--loop/snapshots").resolve(first);
    Files.createDirectories(snapshot);
    Files.writeString(cache.resolve("models--a--loop/blobs"), "a file in place of a folder");
    assertThat(client.cache().models())
        .extracting(CachedModel::id)
        .contains(FakeHub.MODEL, FakeHub.MODEL);
  }

  @Test
  void modelsAreListedByIdAndCommit() throws IOException {
    Files.createDirectories(cache.resolve("models--not..valid/snapshots").resolve(first));
    Files.createDirectories(cache.resolve("models--a--b/snapshots/not-a-commit"));
    Files.writeString(cache.resolve("models--a--c"), "a file");
    Path snapshots = cache.resolve("models--google--vit-tiny/snapshots");
    assertThat(client.cache().models())
        .containsExactly(
            new CachedModel(
                FakeHub.MODEL,
                first,
                List.of(),
                HubFixture.WEIGHTS.length + SMALL,
                snapshots.resolve(first)),
            new CachedModel(
                FakeHub.MODEL,
                second,
                List.of("main"),
                HubFixture.WEIGHTS.length + 2 + "{\"size\": 224}".length(),
                snapshots.resolve(second)));
    assertThat(new HubCache(folder.resolve("nowhere")).models()).isEmpty();
  }

  @Test
  void ofARevisionOnlyWhatNoOtherNeedsIsRemoved() throws IOException {
    long before = used();
    List<CachedModel> removed =
        client.cache().remove(FakeHub.MODEL, Optional.of(first.substring(0, 8)));
    assertThat(removed).singleElement().extracting(CachedModel::commit).isEqualTo(first);
    assertThat(removed.getFirst().bytes()).isEqualTo(HubFixture.CONFIG.bytes().length);
    assertThat(before - used()).isEqualTo(removed.getFirst().bytes());
    assertThat(client.cache().models()).extracting(CachedModel::commit).containsExactly(second);
    hub.forgetRequests();
    assertThat(HubFixture.client(hub, cache).model(FakeHub.MODEL).resolve("model.safetensors"))
        .hasBinaryContent(HubFixture.WEIGHTS);
    assertThat(hub.transfers()).isEmpty();
  }

  @Test
  void theLastRevisionTakesEverythingWithIt() throws IOException {
    Path blobs = cache.resolve("models--google--vit-tiny/blobs");
    Files.write(blobs.resolve("x.incomplete"), new byte[100]);
    client.cache().remove(FakeHub.MODEL, Optional.of(first));
    List<CachedModel> removed = client.cache().remove(FakeHub.MODEL, Optional.of("main"));
    assertThat(removed).singleElement().extracting(CachedModel::commit).isEqualTo(second);
    assertThat(removed.getFirst().bytes()).isGreaterThan(HubFixture.WEIGHTS.length + 100L);
    assertThat(cache.resolve("models--google--vit-tiny")).doesNotExist();
    assertThat(cache.resolve(".locks/models--google--vit-tiny")).doesNotExist();
    assertThat(cache.resolve("datasets--huggingface--cats-image")).exists();
  }

  @Test
  void aModelIsRemovedWithAllItsRevisions() throws IOException {
    long before = used();
    List<CachedModel> removed = client.cache().remove(FakeHub.MODEL, Optional.empty());
    assertThat(removed).extracting(CachedModel::commit).containsExactlyInAnyOrder(first, second);
    assertThat(removed.stream().mapToLong(CachedModel::bytes).sum()).isEqualTo(before - used());
    assertThat(client.cache().models()).isEmpty();
  }

  @Test
  void whatIsNotThereIsNotRemoved() {
    HubFixture.failure(
        Reason.NOT_FOUND,
        () -> client.cache().remove("no/model", Optional.empty()),
        "no/model is not in the cache " + cache);
    for (String revision : List.of("v9", "f".repeat(40), "00")) {
      HubFixture.failure(
          Reason.NOT_FOUND,
          () -> client.cache().remove(FakeHub.MODEL, Optional.of(revision)),
          "google/vit-tiny@" + revision + " is not in the cache");
    }
    HubFixture.failure(
        Reason.INVALID, () -> client.cache().remove("../../x", Optional.empty()), "not the id");
    HubFixture.failure(
        Reason.INVALID,
        () -> client.cache().remove(FakeHub.MODEL, Optional.of("../../x")),
        "not a revision");
    assertThat(client.cache().models()).hasSize(2);
  }

  @Test
  void linksThatLeadElsewhereAreNotFollowed() throws IOException {
    Path precious = Files.createDirectories(folder.resolve("precious"));
    Files.writeString(precious.resolve("file"), "keep me");
    Path repository = cache.resolve("models--google--vit-tiny");
    Path snapshot = repository.resolve("snapshots").resolve(second);
    Files.createSymbolicLink(snapshot.resolve("folder"), precious);
    Files.createSymbolicLink(snapshot.resolve("file"), precious.resolve("file"));
    Files.createSymbolicLink(repository.resolve("other"), precious);
    client.cache().remove(FakeHub.MODEL, Optional.empty());
    assertThat(precious.resolve("file")).hasContent("keep me");
  }
}
