package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.error.HubException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub, or a network, that misbehaves: every case ends in the right file or in a clear line. */
@Timeout(60)
class MisbehavingHubTest {
  private static final byte[] WEIGHTS = HubFixture.WEIGHTS;

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
    assertThat(hub.tokensSentElsewhere()).isEmpty();
    assertThat(HubFixture.tree(folder))
        .as("nothing is written outside the cache")
        .allMatch(file -> file.startsWith("hub/"));
  }

  private Path weights() {
    return client.modelFile(FakeHub.MODEL, "model.safetensors");
  }

  private void assertNoWeights() throws IOException {
    if (Files.exists(cache)) {
      assertThat(HubFixture.tree(cache))
          .noneMatch(file -> file.contains("model.safetensors"))
          .noneMatch(file -> file.endsWith("blobs/" + FakeHub.large(WEIGHTS).etag()));
    }
  }

  // Connections

  @Test
  void aCutConnectionIsTakenUpWhereItEnded() throws IOException {
    hub.once("GET", "/stored/", FakeHub.cutAfter(WEIGHTS, 100_000));
    hub.once(
        "GET",
        "/stored/",
        exchange -> {
          byte[] rest = Arrays.copyOfRange(WEIGHTS, 100_000, WEIGHTS.length);
          exchange
              .getResponseHeaders()
              .set("Content-Range", "bytes 100000-%d/%1$d".formatted(WEIGHTS.length));
          exchange.sendResponseHeaders(206, rest.length);
          exchange.getResponseBody().write(rest, 0, 50_000);
          exchange.getResponseBody().flush();
        });
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers())
        .extracting(FakeHub.Request::from)
        .containsExactly(0L, 100_000L, 150_000L);
  }

  @Test
  void aConnectionThatIsAlwaysCutIsGivenUp() throws IOException {
    hub.always("GET", "/stored/", FakeHub.cutAfter(WEIGHTS, 0));
    HubFixture.failure(
        Reason.UNREACHABLE,
        this::weights,
        "cannot download google/vit-tiny/model.safetensors",
        "after 0 of 300000 bytes",
        "gave up after 4 attempts");
    assertNoWeights();
    hub.behave();
    assertThat(weights()).hasBinaryContent(WEIGHTS);
  }

  @Test
  void theSameBytesAgainAndAgainAreNoProgress() throws IOException {
    byte[] big = HubFixture.bytes(3 << 20, 4);
    hub.commit("some/model", "main", Map.of("model.safetensors", FakeHub.large(big)));
    hub.always("GET", "/stored/", FakeHub.cutAfter(big, 2 << 20)); // whatever is asked for
    HubFixture.failure(
        Reason.UNREACHABLE,
        () -> client.modelFile("some/model", "model.safetensors"),
        "after 2097152 of 3145728 bytes",
        "gave up after 4 attempts");
    assertThat(hub.transfers()).hasSize(4).extracting(FakeHub.Request::from).contains(2097152L);
    hub.behave();
    assertThat(client.modelFile("some/model", "model.safetensors")).hasBinaryContent(big);
  }

  @Test
  void anAnswerThatStopsIsTakenUp() throws IOException {
    hub.once("GET", "/stored/", FakeHub.stallAfter(WEIGHTS, 200_000));
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).extracting(FakeHub.Request::from).containsExactly(0L, 200_000L);
  }

  @Test
  void anAnswerThatTricklesIsTakenUp() throws IOException {
    hub.once(
        "GET",
        "/stored/",
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          OutputStream out = exchange.getResponseBody();
          for (int i = 0; i < WEIGHTS.length; i++) {
            out.write(WEIGHTS[i]);
            out.flush();
            Thread.sleep(200);
          }
        });
    client =
        HubFixture.inAHurry(HubClient.builder(HubFixture.environment(hub, cache)))
            .stallTimeout(Duration.ofMillis(300))
            .build();
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).hasSize(2);
    assertThat(hub.transfers().getLast().from()).isBetween(2L, 20L);
  }

  @Test
  void noAnswerIsGivenUp() throws IOException {
    client =
        HubFixture.inAHurry(HubClient.builder(HubFixture.environment(hub, cache)))
            .retries(1)
            .answerTimeout(Duration.ofMillis(300))
            .build();
    hub.always("HEAD", "", exchange -> Thread.sleep(60_000));
    HubFixture.failure(
        Reason.UNREACHABLE, this::weights, "does not answer within 0.3 s", "after 2 attempts");
    assertNoWeights();
  }

  @Test
  void aPartThatWasNotAskedForBeginsAnew() throws IOException {
    hub.once("GET", "/stored/", FakeHub.cutAfter(WEIGHTS, 100_000));
    hub.once(
        "GET",
        "/stored/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Range", "bytes 0-299999/300000");
          exchange.sendResponseHeaders(206, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS);
        });
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).extracting(FakeHub.Request::from).containsExactly(0L, 100_000L, 0L);
  }

  @Test
  void aPartOfAnotherLengthBeginsAnew() throws IOException {
    hub.once("GET", "/stored/", FakeHub.cutAfter(WEIGHTS, 100_000));
    hub.once(
        "GET",
        "/stored/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Range", "bytes 100000-299999/300000");
          exchange.sendResponseHeaders(206, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS);
        });
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).extracting(FakeHub.Request::from).containsExactly(0L, 100_000L, 0L);
  }

  @Test
  void partsThatAreAlwaysWrongLeaveNothingInTheWay() throws IOException {
    hub.always(
        "GET",
        "/stored/",
        exchange -> {
          if (exchange.getRequestHeaders().getFirst("Range") == null) {
            FakeHub.cutAfter(WEIGHTS, 100_000).answer(exchange);
          } else {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-299999/300000");
            exchange.sendResponseHeaders(206, WEIGHTS.length);
            exchange.getResponseBody().write(WEIGHTS);
          }
        });
    HubFixture.failure(
        Reason.UNREACHABLE,
        this::weights,
        "the part from byte 100000 on was asked for, another came",
        "gave up after 4 attempts");
    assertNoWeights();
    hub.behave();
    assertThat(weights()).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aLengthOfNothingIsNoSize() throws IOException {
    for (String size : new String[] {"Content-Length", "X-Linked-Size"}) {
      hub.once(
          "HEAD",
          "config.json",
          FakeHub.answer(200, "X-Repo-Commit", commit, "ETag", "\"v1\"", size, "0"));
      if (size.equals("X-Linked-Size")) {
        HubFixture.failure(
            Reason.BAD_ANSWER,
            () -> client.modelFile(FakeHub.MODEL, commit, "config.json"),
            "0 bytes were announced, %d are sent".formatted(HubFixture.CONFIG.bytes().length));
      } else {
        Path file = client.modelFile(FakeHub.MODEL, commit, "config.json");
        assertThat(file).hasBinaryContent(HubFixture.CONFIG.bytes());
        Files.delete(file);
        Files.deleteIfExists(cache.resolve("models--google--vit-tiny/blobs/v1"));
      }
    }
  }

  @Test
  void aServerWithoutPartsBeginsAnew() throws IOException {
    hub.once("GET", "/stored/", FakeHub.cutAfter(WEIGHTS, 100_000));
    hub.once(
        "GET",
        "/stored/",
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS);
        });
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).hasSize(2);
  }

  @Test
  void aServerThatHasLostThePartBeginsAnew() throws IOException {
    hub.once("GET", "/stored/", FakeHub.cutAfter(WEIGHTS, 100_000));
    hub.once("GET", "/stored/", FakeHub.answer(416));
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).extracting(FakeHub.Request::from).containsExactly(0L, 100_000L, 0L);
  }

  // Statuses

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void whatMayPassIsTriedAgain(int status) throws IOException {
    for (String part : new String[] {"/api/", "/resolve/", "/stored/"}) {
      hub.once("GET", part, FakeHub.answer(status));
    }
    hub.once("HEAD", "model.safetensors", FakeHub.answer(status));
    assertThat(client.model(FakeHub.MODEL).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void whatDoesNotPassIsGivenUp() {
    hub.always("GET", "/api/", FakeHub.answer(503, "X-Error-Message", "tired"));
    HubFixture.failure(
        Reason.UNREACHABLE,
        () -> client.model(FakeHub.MODEL),
        "answers with status 503 (tired)",
        "gave up after 4 attempts, try again later");
    assertThat(hub.requests()).hasSize(4);
  }

  @Test
  void theHubSaysWhenToComeBack() {
    hub.once("HEAD", "model.safetensors", FakeHub.answer(429, "Retry-After", "1"));
    String soon =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3)); // whole seconds: in 2 to 3
    hub.once("HEAD", "model.safetensors", FakeHub.answer(429, "Retry-After", soon));
    long begun = System.nanoTime();
    Path file = weights();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(1500));
    assertThat(file).hasBinaryContent(WEIGHTS);
  }

  @Test
  void theHubIsNotWaitedForTooLong() {
    hub.always("HEAD", "model.safetensors", FakeHub.answer(429, "Retry-After", "3600"));
    HubFixture.failure(
        Reason.UNREACHABLE, this::weights, "status 429", "asks to come back in 3600 s");
    assertThat(hub.requests()).hasSize(1);
  }

  @Test
  void aGatedModelIsToldHowToOpen() {
    for (int status : new int[] {401, 403}) {
      hub.once(
          "GET",
          "/api/",
          FakeHub.answer(
              status, "X-Error-Code", "GatedRepo", "X-Error-Message", "Access is restricted"));
      HubFixture.failure(
          Reason.NO_ACCESS,
          () -> client.model(FakeHub.MODEL),
          "google/vit-tiny is gated",
          "accept its licence at " + hub.address() + "/google/vit-tiny",
          "HF_TOKEN");
    }
    assertThat(hub.requests()).as("asking again does not help").hasSize(2);
  }

  @Test
  void noAccessIsToldWithWhatToDo() {
    hub.once("GET", "/api/", FakeHub.answer(403));
    HubFixture.failure(
        Reason.NO_ACCESS, () -> client.model(FakeHub.MODEL), "status 403", "HF_TOKEN");
    hub.once(
        "GET",
        "/api/",
        FakeHub.answer(401, "X-Error-Message", "Invalid credentials in Authorization header"));
    HubFixture.failure(
        Reason.NO_ACCESS,
        () -> client.model(FakeHub.MODEL),
        "does not accept the token in HF_TOKEN",
        "/settings/tokens");
    Map<String, String> environment = HubFixture.environment(hub, cache);
    environment.remove("HF_TOKEN");
    environment.put("HF_HOME", folder.resolve("nothing").toString());
    HubFixture.failure(
        Reason.NO_ACCESS,
        () -> HubFixture.client(environment).model("no/such-model"),
        "has no repository no/such-model, or it is private",
        "set HF_TOKEN");
    HubFixture.failure(
        Reason.NOT_FOUND,
        () -> client.model("no/such-model"),
        "has no repository no/such-model, or it is private");
    HubFixture.failure(
        Reason.NOT_FOUND,
        () -> client.model(FakeHub.MODEL, "v9"),
        "google/vit-tiny has no revision 'v9'");
    HubFixture.failure(
        Reason.NOT_FOUND,
        () -> client.datasetFile("huggingface/cats-image", "dogs.jpeg"),
        "datasets/huggingface/cats-image has no file dogs.jpeg");
  }

  @Test
  void aSignatureThatHasRunOutIsRenewed() throws IOException {
    hub.once("GET", "/stored/", FakeHub.answer(403));
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.requests("GET", "model.safetensors")).as("asked the hub again").hasSize(2);
  }

  // Bytes

  @Test
  void wrongBytesAreNeverKept() throws IOException {
    byte[] wrong = WEIGHTS.clone();
    wrong[77]++;
    hub.always(
        "GET",
        "/stored/",
        exchange -> {
          exchange.sendResponseHeaders(200, wrong.length);
          exchange.getResponseBody().write(wrong);
        });
    HubFixture.failure(
        Reason.BAD_ANSWER,
        this::weights,
        "is not what the hub announced: its hash is ",
        "instead of " + FakeHub.large(WEIGHTS).etag());
    assertThat(hub.transfers()).as("once more, from the start").hasSize(2);
    assertNoWeights();
    assertThat(HubFixture.tree(cache)).noneMatch(file -> file.endsWith(".incomplete"));
    hub.behave();
    assertThat(weights()).hasBinaryContent(WEIGHTS);
  }

  @Test
  void wrongSmallBytesAreNeverKept() {
    hub.always(
        "GET",
        "config.json",
        exchange ->
            FakeHub.send(
                exchange, 200, "{\"model_type\": \"vat\"}".getBytes(StandardCharsets.UTF_8)));
    HubFixture.failure(
        Reason.BAD_ANSWER,
        () -> client.modelFile(FakeHub.MODEL, "config.json"),
        "its hash is",
        HubFixture.CONFIG.etag());
  }

  @Test
  void whatWasLeftByABrokenAttemptIsReplaced() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--google--vit-tiny/blobs"));
    Path incomplete = blobs.resolve(FakeHub.large(WEIGHTS).etag() + ".incomplete");
    Files.write(incomplete, HubFixture.bytes(1000, 99));
    assertThat(weights()).hasBinaryContent(WEIGHTS);
    assertThat(hub.transfers()).extracting(FakeHub.Request::from).containsExactly(1000L, 0L);
    assertThat(incomplete).doesNotExist();
  }

  @Test
  void whatWasLeftAndIsTooLongIsReplaced() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--google--vit-tiny/blobs"));
    Files.write(
        blobs.resolve(FakeHub.large(WEIGHTS).etag() + ".incomplete"),
        HubFixture.bytes(WEIGHTS.length + 1, 99));
    assertThat(weights()).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aSizeThatDoesNotFitIsRefused() throws IOException {
    for (int size : new int[] {WEIGHTS.length - 1, WEIGHTS.length + 1}) {
      hub.once(
          "HEAD",
          "model.safetensors",
          FakeHub.answer(
              302,
              "X-Repo-Commit",
              commit,
              "X-Linked-Etag",
              FakeHub.quoted(FakeHub.large(WEIGHTS).etag()),
              "X-Linked-Size",
              "" + size,
              "Location",
              hub.networkAddress() + "/stored/x"));
      HubFixture.failure(
          Reason.BAD_ANSWER,
          () -> client.modelFile(FakeHub.MODEL, commit, "model.safetensors"),
          "%d bytes were announced, %d are sent".formatted(size, WEIGHTS.length));
      assertNoWeights();
    }
  }

  @Test
  void moreThanWasAnnouncedIsNotTaken() throws IOException {
    hub.always(
        "GET",
        "/stored/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // of unknown length
          while (true) {
            exchange.getResponseBody().write(WEIGHTS);
          }
        });
    HubFixture.failure(
        Reason.BAD_ANSWER, this::weights, "more than the 300000 bytes that were announced");
    assertNoWeights();
  }

  @Test
  void aSizeBeyondAllBoundsIsRefused() throws IOException {
    for (String size : new String[] {"50000000001", "9223372036854775807"}) {
      hub.once(
          "HEAD",
          "model.safetensors",
          FakeHub.answer(200, "X-Repo-Commit", commit, "ETag", "\"abc\"", "X-Linked-Size", size));
      HubFixture.failure(
          Reason.BAD_ANSWER, this::weights, size + " bytes; at most 50000000000 are taken");
    }
    hub.once(
        "HEAD",
        "config.json",
        FakeHub.answer(
            200, "X-Repo-Commit", commit, "ETag", "\"abc\"", "X-Linked-Size", "20000000"));
    HubFixture.failure(
        Reason.BAD_ANSWER,
        () -> client.modelFile(FakeHub.MODEL, "config.json"),
        "20000000 bytes; at most 16777216 are taken");
  }

  @Test
  void aDiskWithoutRoomIsToldBeforeTheDownload() {
    hub.once(
        "HEAD",
        "model.safetensors",
        FakeHub.answer(
            200, "X-Repo-Commit", commit, "ETag", "\"abc\"", "X-Linked-Size", "49999999999"));
    Assumptions.assumeTrue(
        folder.toFile().getUsableSpace() < 49_999_999_999L, "the disk has room for 50 GB");
    HubFixture.failure(Reason.CACHE, this::weights, "needs 49999999999 bytes more", "HF_HUB_CACHE");
    assertThat(hub.transfers()).isEmpty();
  }

  // Hostile answers

  @Test
  void hostileEtagsAndCommitsAreRefused() {
    for (String etag : new String[] {"../../../x", "a/b", "..", "a b", ""}) {
      hub.once(
          "HEAD",
          "config.json",
          FakeHub.answer(200, "X-Repo-Commit", commit, "ETag", FakeHub.quoted(etag)));
      HubFixture.failure(
          Reason.BAD_ANSWER,
          () -> client.modelFile(FakeHub.MODEL, "config.json"),
          "does not answer like a hub");
    }
    for (String other : new String[] {"../../../x", "main", "a".repeat(39), ""}) {
      hub.once(
          "HEAD", "config.json", FakeHub.answer(200, "X-Repo-Commit", other, "ETag", "\"abc\""));
      HubFixture.failure(
          Reason.BAD_ANSWER,
          () -> client.modelFile(FakeHub.MODEL, "config.json"),
          "does not answer like a hub");
    }
    hub.once(
        "HEAD",
        "config.json",
        FakeHub.answer(200, "X-Repo-Commit", "b".repeat(40), "ETag", "\"abc\""));
    HubFixture.failure(
        Reason.BAD_ANSWER,
        () -> client.modelFile(FakeHub.MODEL, commit, "config.json"),
        "answers with " + "b".repeat(40));
  }

  @Test
  void hostileNamesOfShardsAreRefused() {
    for (String shard :
        new String[] {
          "../../../evil.safetensors",
          "/tmp/evil.safetensors",
          "a/b.safetensors",
          "..\\\\evil.safetensors",
          "c:evil.safetensors",
          "evil.bin",
          "evil\\u0000.safetensors"
        }) {
      hub.commit(
          "some/model",
          "main",
          Map.of(
              "config.json",
              HubFixture.CONFIG,
              "model.safetensors.index.json",
              FakeHub.small("{\"weight_map\": {\"a\": \"%s\"}}".formatted(shard))));
      HubFixture.failure(
          Reason.BAD_ANSWER, () -> client.model("some/model"), "names the shard", ".safetensors");
    }
    for (String index : new String[] {"[]", "{}", "{\"weight_map\": {}}", "{\"weight_map\": 1}"}) {
      hub.commit(
          "some/model", "main", Map.of("model.safetensors.index.json", FakeHub.small(index)));
      HubFixture.failure(
          Reason.BAD_ANSWER, () -> client.model("some/model"), "model.safetensors.index.json");
    }
  }

  @Test
  void hostileListsAreNotFollowed() {
    hub.commit(
        "some/model",
        "main",
        Map.of("config.json", HubFixture.CONFIG, "model.onnx", FakeHub.large(new byte[5])));
    String id = hub.commit("some/model", "main", Map.of());
    String json =
        "{\"sha\": \""
            + id
            + "\", \"siblings\": [{\"rfilename\": \"../../evil\"}, {\"rfilename\": 7}, 8, {},"
            + " {\"rfilename\": \"config.json\"}, {\"rfilename\": \"model.onnx\"},"
            + " {\"rfilename\": \"model.onnx/../../../evil\"}]}";
    hub.once(
        "GET",
        "/api/",
        exchange -> FakeHub.send(exchange, 200, json.getBytes(StandardCharsets.UTF_8)));
    assertThat(client.model("some/model").resolve("model.onnx")).hasSize(5);
  }

  @Test
  void endlessJsonIsNotRead() {
    hub.always(
        "GET",
        "/api/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] spaces = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
          while (true) {
            exchange.getResponseBody().write(spaces);
          }
        });
    HubFixture.failure(
        Reason.BAD_ANSWER, () -> client.model(FakeHub.MODEL), "more than 16777216 bytes of JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "null",
        "{\"sha\": \"../../x\", \"siblings\": []}",
        "{\"sha\": 1}",
        "<html>log in to the network</html>"
      })
  void aListThatIsNoneIsDoneWithout(String json) {
    hub.always(
        "GET",
        "/api/",
        exchange -> FakeHub.send(exchange, 200, json.getBytes(StandardCharsets.UTF_8)));
    assertThat(client.model(FakeHub.MODEL).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aLoginPageInPlaceOfTheHubIsToldSo() {
    for (String method : new String[] {"HEAD", "GET"}) {
      hub.always(
          method,
          "",
          exchange ->
              FakeHub.send(exchange, 200, "<html></html>".getBytes(StandardCharsets.UTF_8)));
    }
    HubFixture.failure(
        Reason.BAD_ANSWER,
        () -> client.model(FakeHub.MODEL),
        "does not answer like a hub about config.json",
        "names no commit",
        "proxy");
  }

  @Test
  void redirectsInACircleAreNotFollowed() {
    hub.always(
        "HEAD",
        "",
        exchange ->
            FakeHub.answer(302, "Location", exchange.getRequestURI().getPath()).answer(exchange));
    HubFixture.failure(Reason.BAD_ANSWER, this::weights, "redirects more than 10 times");
    assertThat(hub.requests()).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "file:///etc/passwd", "ftp://localhost/x", "http://", "http:///x", "::"})
  void redirectsToElsewhereThanTheWebAreNotFollowed(String location) {
    hub.always("HEAD", "", FakeHub.answer(302, "Location", location));
    HubFixture.failure(Reason.BAD_ANSWER, this::weights, "redirects to", "no address");
  }

  @Test
  void anotherHostThatKnowsNothingIsAskedWithoutTheToken() {
    hub.always(
        "HEAD",
        "model.safetensors",
        FakeHub.answer(302, "Location", hub.networkAddress() + "/elsewhere"));
    HubFixture.failure(
        Reason.NOT_FOUND, this::weights, "google/vit-tiny has no file model.safetensors");
    assertThat(hub.transfers()).hasSize(1);
  }
}
