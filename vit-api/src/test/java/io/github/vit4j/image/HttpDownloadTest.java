package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.vit4j.error.ImageException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images from a server on this machine; nothing here leaves it. */
@Timeout(60)
class HttpDownloadTest {
  private static final RgbImage PICTURE = GeneratedImages.rgb(45, 37);
  private static final HttpLimits SMALL = new HttpLimits(100_000, Duration.ofSeconds(20), 3);

  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server = newServer();

  private static HttpServer newServer() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void start() {
    server.setExecutor(threads);
    server.start();
    serve("/photo.png", exchange -> answer(exchange, 200, PICTURE.toPng()));
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private interface Page {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private void serve(String path, Page page) {
    server.createContext(
        path,
        exchange -> {
          asked.merge(path, 1, Integer::sum);
          try (exchange) {
            page.answer(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private void redirect(String path, int status, String location) {
    serve(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", location);
          exchange.sendResponseHeaders(status, -1);
        });
  }

  private URI address(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }

  private static RgbImage read(URI address) {
    return ImageReader.create().read(address, SMALL);
  }

  private static void assertFails(URI address, String... parts) {
    assertThatThrownBy(() -> read(address))
        .isInstanceOf(ImageException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .startsWith("cannot read ")
                    .doesNotContain("\n", "Exception")
                    .contains(parts));
  }

  @Test
  void readsAnImage() {
    assertThat(ImageReader.create().read(address("/photo.png")).rgb()).isEqualTo(PICTURE.rgb());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void followsRedirects(int status) {
    redirect("/moved", status, "/again?x=1");
    redirect("/again", status, address("/photo.png").toString());
    assertThat(read(address("/moved")).rgb()).isEqualTo(PICTURE.rgb());
  }

  @Test
  void followsRedirectsOnlySoFar() {
    redirect("/loop", 302, "/loop");
    assertFails(address("/loop"), "redirects more than 3 times");
    assertThat(asked).containsEntry("/loop", 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"file:///etc/passwd", "ftp://localhost/x.png", "jar:file:/x.jar!/y", "data:,x"})
  void followsNoRedirectToAnotherScheme(String location) {
    redirect("/elsewhere", 302, location);
    assertFails(address("/elsewhere"), "redirects to", "only http and https");
  }

  @Test
  void refusesRedirectsThatLeadNowhere() {
    redirect("/odd", 302, "http://bad host/\u0001");
    assertFails(address("/odd"), "no address");
    redirect("/hostless", 302, "http:///x");
    assertFails(address("/hostless"), "names no host");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:/etc/passwd", "ftp://localhost/x.png", "photo.png", "http:///x"})
  void refusesOtherAddresses(String address) {
    assertFails(URI.create(address), "give an http or https address");
  }

  @Test
  void statusesOtherThanSuccessAreTold() {
    serve("/forbidden", exchange -> answer(exchange, 403, PICTURE.toPng()));
    serve("/broken", exchange -> answer(exchange, 500, new byte[0]));
    assertFails(address("/missing"), "/missing", "status 404");
    assertFails(address("/forbidden"), "status 403");
    assertFails(address("/broken"), "status 500");
  }

  @Test
  void aPageIsNoImage() {
    byte[] page = "<html>\nSign in, please</html>".getBytes(StandardCharsets.UTF_8);
    serve("/page", exchange -> answer(exchange, 200, page));
    serve("/empty", exchange -> answer(exchange, 200, new byte[0]));
    assertFails(address("/page"), "/page", "not those of an image");
    assertFails(address("/empty"), "it is empty");
  }

  @Test
  void announcedSizeBeyondTheLimitIsNotDownloaded() {
    serve(
        "/huge",
        exchange -> {
          exchange.sendResponseHeaders(200, 10_000_000_000L);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
        });
    assertFails(address("/huge"), "more than 100000 bytes");
  }

  @RepeatedTest(5)
  void bodyWithoutEndIsCutOffAtTheLimit() {
    serve("/endless", exchange -> writeForever(exchange, 200));
    assertFails(address("/endless"), "more than 100000 bytes");
  }

  @RepeatedTest(5)
  void bodyOfAnErrorIsNotRead() {
    serve("/endless-error", exchange -> writeForever(exchange, 503));
    assertFails(address("/endless-error"), "status 503");
  }

  private static void writeForever(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, 0);
    OutputStream out = exchange.getResponseBody();
    byte[] part = new byte[8192];
    while (!Thread.currentThread().isInterrupted()) {
      out.write(part);
    }
  }

  @Test
  void aBodyThatEndsTooEarlyIsToldAndNotRead() {
    byte[] png = PICTURE.toPng();
    serve(
        "/cut",
        exchange -> {
          exchange.sendResponseHeaders(200, png.length);
          exchange.getResponseBody().write(png, 0, png.length / 2);
          exchange.getResponseBody().flush();
        });
    assertFails(address("/cut"), "/cut");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void serversThatGoSilentAreGivenUp(boolean afterHeaders) {
    serve(
        "/silent",
        exchange -> {
          if (afterHeaders) {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
          }
          end.await();
        });
    HttpLimits hurried = new HttpLimits(1000, Duration.ofMillis(500), 0);
    long start = System.nanoTime();
    assertThatThrownBy(() -> ImageReader.create().read(address("/silent"), hurried))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("longer than 0.5 s");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void noServerIsNoConnection() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertFails(URI.create("http://localhost:" + free + "/x.png"), "no connection to localhost");
  }

  @Test
  void secretsOfAnAddressAreNotRepeated() {
    URI address = URI.create(address("/missing") + "?token=s3cret");
    assertThatThrownBy(() -> read(URI.create(address.toString().replace("//", "//me:pass@"))))
        .isInstanceOf(ImageException.class)
        .hasMessageNotContainingAny("s3cret", "pass@");
  }

  @Test
  void refusesImpossibleLimits() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new HttpLimits(0, second, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HttpLimits(1, Duration.ZERO, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HttpLimits(1, second, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
