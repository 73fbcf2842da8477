package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Models and photos of a hub on this machine, and {@code vit models}. */
class HubTest {
  private static final String COMMIT = "0123456789".repeat(4);
  private static final String PHOTO = "hf://datasets/test/photos/red.png";
  private static final Pattern RESOLVE = Pattern.compile("/(.+)/resolve/[^/]+/(.+)");

  @TempDir private Path folder;
  private Path model = Path.of("");
  private Path red = Path.of("");
  private Path cache = Path.of("");
  private Map<String, String> environment = Map.of();
  private HttpServer server = newServer();
  private final List<String> downloads = new CopyOnWriteArrayList<>();

  private static HttpServer newServer() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void start() throws IOException {
    model =
        Fixtures.tinyModel(Files.createDirectories(folder.resolve("served/test")).resolve("tiny"));
    Path photos = Files.createDirectories(folder.resolve("served/datasets/test/photos"));
    red = Fixtures.image(photos.resolve("red.png"), 0xff0000);
    cache = folder.resolve("hub");
    server.createContext("/", this::answer);
    server.start();
    environment =
        Map.of(
            "HF_ENDPOINT",
            "http://localhost:" + server.getAddress().getPort(),
            "HF_HUB_CACHE",
            cache.toString(),
            "HF_HOME",
            folder.toString());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Matcher resolve = RESOLVE.matcher(exchange.getRequestURI().getPath());
      Path file =
          resolve.matches()
              ? folder.resolve("served").resolve(resolve.group(1)).resolve(resolve.group(2))
              : folder;
      exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
      if (resolve.matches() && !Files.isDirectory(file.resolveSibling("."))) {
        exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
        exchange.getResponseHeaders().remove("X-Repo-Commit");
      }
      if (!Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] bytes = Files.readAllBytes(file);
      exchange.getResponseHeaders().set("ETag", "\"" + sha256(bytes) + "\"");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", "" + bytes.length);
        exchange.sendResponseHeaders(200, -1);
      } else {
        downloads.add(resolve.group(2));
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private Vit run(Object... arguments) {
    return Vit.run(environment, arguments);
  }

  private Path snapshot() {
    return cache.resolve("models--test--tiny/snapshots").resolve(COMMIT);
  }

  @Test
  void aModelOfTheHubClassifiesAsItsDirectory() {
    for (String backend : List.of("onnx", "djl")) {
      String expected =
          run("classify", "--backend", backend, "--model", model, red).succeeds().out();
      assertThat(
              run("classify", "--backend", backend, "--model", "test/tiny", red).succeeds().out())
          .isEqualTo(expected);
      assertThat(
              run("classify", "--backend", backend, "--model", "test/tiny@main", PHOTO)
                  .succeeds()
                  .out())
          .isEqualTo(expected);
    }
    assertThat(downloads)
        .containsExactlyInAnyOrder(
            "config.json", "preprocessor_config.json", "model.safetensors", "red.png");
    assertThat(snapshot().resolve("model.safetensors")).isSymbolicLink();
  }

  @Test
  void onlyWhatIsNeededIsDownloaded() {
    assertThat(run("config", "--model", "test/tiny").succeeds().out())
        .contains("\"hidden_size\": 8");
    assertThat(downloads).containsExactly("config.json");
    run("preprocess", "--model", "test/tiny", PHOTO, "--png", folder.resolve("seen.png"))
        .succeeds();
    assertThat(downloads).doesNotContain("model.safetensors");
    assertThat(folder.resolve("seen.png")).exists();
  }

  @Test
  void anExportOfAModelOfTheHubRunsFromTheCache() throws IOException {
    Path onnx = Files.createDirectories(folder.resolve("served/test/graph"));
    run("export", "--model", model, "--format", "onnx", "--output", onnx.resolve("model.onnx"))
        .succeeds();
    for (String name : List.of("config.json", "preprocessor_config.json")) {
      Files.copy(model.resolve(name), onnx.resolve(name));
    }
    assertThat(run("classify", "--backend", "onnx", "--model", "test/graph", red).succeeds().out())
        .isEqualTo(run("classify", "--backend", "onnx", "--model", model, red).succeeds().out());
  }

  @Test
  void modelsAreDownloadedListedAndRemoved() throws IOException {
    assertThat(run("models", "list").succeeds().out().lines()).first().asString().startsWith("ID ");
    assertThat(run("models", "list").succeeds().out())
        .contains("builtin:vit-tiny-cifar10")
        .doesNotContain("test/tiny");
    assertThat(run("models", "download", "test/tiny").succeeds().out())
        .isEqualTo(snapshot() + System.lineSeparator());
    assertThat(downloads)
        .containsExactlyInAnyOrder("config.json", "preprocessor_config.json", "model.safetensors");
    assertThat(run("models", "list").succeeds().out())
        .containsPattern("test/tiny +main \\(01234567\\) +[0-9.]+ KiB +" + snapshot());
    JsonNode entries = run("models", "list", "--json").succeeds().json().get("array");
    JsonNode entry = entries.get(entries.size() - 1); // behind the built-in ones
    assertThat(entry.get("id").stringValue()).isEqualTo("test/tiny");
    assertThat(entry.get("commit").stringValue()).isEqualTo(COMMIT);
    assertThat(entry.get("revisions").get(0).stringValue()).isEqualTo("main");
    assertThat(entry.get("path").stringValue()).isEqualTo(snapshot().toString());
    long bytes = entry.get("bytes").longValue();
    assertThat(bytes)
        .isEqualTo(
            Files.size(model.resolve("config.json"))
                + Files.size(model.resolve("preprocessor_config.json"))
                + Files.size(model.resolve("model.safetensors")));
    // 40 bytes say what main is.
    assertThat(run("models", "remove", "test/tiny").succeeds().out())
        .isEqualTo("removed test/tiny main (01234567): %d bytes freed%n".formatted(bytes + 40));
    assertThat(run("models", "list").succeeds().out()).doesNotContain("test/tiny");
    run("models", "remove", "test/tiny").fails("test/tiny is not in the cache " + cache);
  }

  @Test
  void failuresAreOneLine() {
    run("classify", "--model", "test/nothing", red)
        .fails("there is no directory 'test/nothing'", "has no repository test/nothing");
    run("models", "download", "nothing").fails("has no repository nothing");
    run("models", "download", "a/b/c").fails("'a/b/c' is not the id of a repository");
    run("models", "download", "test/tiny", "--revision", "../x").fails("not a revision");
    run("models", "remove", "test/tiny", "--revision", "main").fails("test/tiny@main");
    run("models", "download").isWrongUsage("ID");
    run("models", "lift").isWrongUsage("lift");
    run("classify", "--model", "test/tiny", "hf://datasets/x").fails("not a file on the hub");
    run("classify", "--model", "test/tiny", "hf://datasets/test/photos/blue.png")
        .fails("datasets/test/photos has no file blue.png");
    run("classify", "--model", model, "--revision", "v1", red).fails("not on the hub");
    Vit several = run("classify", "--model", model, red, "hf://datasets/test/photos/blue.png");
    assertThat(several.exitCode()).isEqualTo(1);
    assertThat(several.err().lines()).singleElement().asString().contains("no file blue.png");
    assertThat(several.out()).contains("red.png");
  }

  @Test
  void offlineOnlyTheCacheIsUsed() {
    run("models", "download", "test/tiny").succeeds();
    String online = run("classify", "--model", "test/tiny", red).succeeds().out();
    server.stop(0);
    environment = new HashMap<>(environment);
    environment.put("HF_HUB_OFFLINE", "1");
    assertThat(run("classify", "--model", "test/tiny", red).succeeds().out()).isEqualTo(online);
    run("classify", "--model", "test/tiny", PHOTO).fails("not in the cache", "HF_HUB_OFFLINE");
  }

  @Test
  void aModelOfAnotherKindIsRefused() throws IOException {
    Files.write(
        model.resolve("config.json"),
        "{\"model_type\": \"bert\"}".getBytes(StandardCharsets.UTF_8));
    run("classify", "--model", "test/tiny", red).fails("bert");
  }
}
