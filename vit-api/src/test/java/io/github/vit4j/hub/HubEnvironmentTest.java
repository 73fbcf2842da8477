package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.vit4j.error.HubException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings from environment variables, as huggingface_hub's constants.py reads them. */
class HubEnvironmentTest {
  @TempDir private Path folder;

  private static HubEnvironment of(String... namesAndValues) {
    Map<String, String> variables = new HashMap<>(Map.of("HOME", "/home/me"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new HubEnvironment(variables);
  }

  @Test
  void theCacheIsWherePythonHasIt() {
    assertThat(of().cacheDirectory()).hasToString("/home/me/.cache/huggingface/hub");
    assertThat(of("XDG_CACHE_HOME", "/x").cacheDirectory()).hasToString("/x/huggingface/hub");
    assertThat(of("HF_HOME", "~/hf", "XDG_CACHE_HOME", "/x").cacheDirectory())
        .hasToString("/home/me/hf/hub");
    assertThat(of("HF_HOME", "$BASE/${BASE}x$NOT", "BASE", "/b").cacheDirectory())
        .hasToString("/b/bx$NOT/hub");
    assertThat(of("HUGGINGFACE_HUB_CACHE", "/old", "HF_HOME", "/h").cacheDirectory())
        .hasToString("/old");
    assertThat(of("HF_HUB_CACHE", "/new", "HUGGINGFACE_HUB_CACHE", "/old").cacheDirectory())
        .hasToString("/new");
    assertThat(of("HF_HUB_CACHE", " ", "HF_HOME", "").cacheDirectory())
        .hasToString("/home/me/.cache/huggingface/hub");
  }

  @ParameterizedTest
  @CsvSource({"1,true", "on,true", "Yes,true", "TRUE,true", "0,false", "no,false", "2,false"})
  void whatIsTrueInPythonIsTrue(String value, boolean expected) {
    assertThat(of("HF_HUB_OFFLINE", value).offline()).isEqualTo(expected);
    assertThat(of("TRANSFORMERS_OFFLINE", value).offline()).isEqualTo(expected);
    assertThat(of("HF_HUB_OFFLINE", value, "TRANSFORMERS_OFFLINE", "1").offline())
        .isEqualTo(expected);
  }

  @Test
  void theTokenIsThatOfTheEnvironmentOrOfTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), " hf_file\n");
    String home = folder.toString();
    assertThat(of("HF_HOME", home).token()).contains("hf_file");
    assertThat(of("HF_HOME", home, "HF_TOKEN", " hf_variable\n").token()).contains("hf_variable");
    assertThat(of("HUGGING_FACE_HUB_TOKEN", "hf_old").token()).contains("hf_old");
    assertThat(of("HF_HOME", home, "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token()).isEmpty();
    assertThat(of("HF_TOKEN_PATH", file.toString()).token()).contains("hf_file");
    assertThat(of("HF_TOKEN_PATH", folder.resolve("nothing").toString()).token()).isEmpty();
    HubFixture.failure(
        Reason.INVALID, () -> of("HF_TOKEN", "hf_secret\nX: y").token(), "HF_TOKEN", "characters");
    HubFixture.failure(
        Reason.CACHE, () -> of("HF_TOKEN_PATH", home).token(), "cannot read the token in " + home);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"huggingface.co", "ftp://x", "http://", "https://u:p@x", "http://x?y", "a b"})
  void anEndpointThatIsNoneIsRefused(String text) {
    HubFixture.failure(
        Reason.INVALID, () -> of("HF_ENDPOINT", text).endpoint(), text, "https://huggingface.co");
  }

  @Test
  void theEndpointHasNoSlashAtItsEnd() {
    assertThat(of("HF_ENDPOINT", "https://hf-mirror.com//").endpoint())
        .hasToString("https://hf-mirror.com");
    assertThat(of("HF_ENDPOINT", "http://host:8080/hub/").endpoint())
        .hasToString("http://host:8080/hub");
    assertThat(of().endpoint()).hasToString("https://huggingface.co");
  }

  @Test
  void timeoutsAreSeconds() {
    Duration ten = Duration.ofSeconds(10);
    assertThat(of().seconds("HF_HUB_ETAG_TIMEOUT", ten)).isEqualTo(ten);
    assertThat(of("HF_HUB_ETAG_TIMEOUT", "30").seconds("HF_HUB_ETAG_TIMEOUT", ten)).hasSeconds(30);
    for (String wrong : List.of("0", "-1", "x", "1e3", "99999999999")) {
      HubFixture.failure(
          Reason.INVALID,
          () -> of("HF_HUB_ETAG_TIMEOUT", wrong).seconds("HF_HUB_ETAG_TIMEOUT", ten),
          "HF_HUB_ETAG_TIMEOUT is '" + wrong + "'");
    }
  }

  @Test
  void aClientDoesNotTellItsToken() {
    assertThat(HubClient.builder(Map.of("HF_TOKEN", FakeHub.TOKEN)).build().toString())
        .doesNotContain(FakeHub.TOKEN);
  }

  private static Optional<String> proxy(HubEnvironment environment, String address) {
    return HubProxies.of(environment)
        .proxy(URI.create(address))
        .map(proxy -> proxy.getHostString() + ":" + proxy.getPort());
  }

  @Test
  void proxiesAreThoseOfPython() {
    HubEnvironment both = of("http_proxy", "http://p:1", "HTTPS_PROXY", "q:2");
    assertThat(proxy(both, "http://hub/x")).contains("p:1");
    assertThat(proxy(both, "https://hub/x")).contains("q:2");
    assertThat(proxy(of("https_proxy", "http://a:1", "HTTPS_PROXY", "http://b:1"), "https://hub"))
        .contains("a:1");
    assertThat(proxy(of("ALL_PROXY", "http://u:p@a:1/"), "https://hub")).contains("a:1");
    assertThat(proxy(of(), "https://hub")).isEmpty();
    HubEnvironment some =
        of("all_proxy", "http://a:1", "no_proxy", "localhost, .inside.org,other.org:8080");
    assertThat(proxy(some, "http://localhost:99/")).isEmpty();
    assertThat(proxy(some, "http://x.inside.org/")).isEmpty();
    assertThat(proxy(some, "http://inside.org/")).isEmpty();
    assertThat(proxy(some, "http://notinside.org/")).contains("a:1");
    assertThat(proxy(some, "http://other.org:8080/")).isEmpty();
    assertThat(proxy(some, "http://other.org/")).contains("a:1");
    assertThat(proxy(of("all_proxy", "http://a:1", "no_proxy", "*"), "http://x/")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"socks5://u:hf_secret@a:1", "https://a:1", "http://"})
  void aProxyThatCannotBeUsedIsToldSo(String text) {
    HubFixture.failure(
        Reason.INVALID, () -> HubProxies.of(of("https_proxy", text)), "https_proxy", "http://HOST");
  }

  /** The proxy sees the whole address; the host of the hub need not be known here. */
  @Test
  void requestsGoThroughTheProxy() throws IOException {
    List<URI> asked = new CopyOnWriteArrayList<>();
    HttpServer proxy =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add(exchange.getRequestURI());
            FakeHub.status(exchange, 403);
          }
        });
    proxy.start();
    try {
      Map<String, String> environment =
          HubFixture.environment("http://hub.invalid", folder.resolve("hub"));
      environment.put("http_proxy", "http://127.0.0.1:" + proxy.getAddress().getPort());
      HubFixture.failure(
          Reason.NO_ACCESS, () -> HubFixture.client(environment).model("a/b"), "status 403");
    } finally {
      proxy.stop(0);
    }
    assertThat(asked)
        .containsExactly(URI.create("http://hub.invalid/api/models/a/b/revision/main"));
  }

  @Test
  void aHostThatIsNotKnownIsToldSo() {
    HubFixture.failure(
        Reason.UNREACHABLE,
        () ->
            HubFixture.client(HubFixture.environment("http://hub.invalid", folder.resolve("hub")))
                .model("a/b"),
        "hub.invalid",
        "check the network");
  }
}
