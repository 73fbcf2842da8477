package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Addresses in place of files, from a server on this machine. */
class DownloadTest {
  @TempDir static Path folder = Path.of("");
  private static Path model = Path.of("");
  private static Path red = Path.of("");
  private static HttpServer server = newServer();

  private static HttpServer newServer() {
    try {
      return HttpServer.create();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeAll
  static void start() throws IOException {
    model = Fixtures.tinyModel(folder.resolve("model"));
    Path served = Files.createDirectory(folder.resolve("served"));
    red = Fixtures.image(served.resolve("red one.png"), 0xff0000);
    Files.writeString(served.resolve("page.html"), "<html></html>");
    server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            served.toRealPath(),
            OutputLevel.NONE);
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static String address(String path) {
    return "http://localhost:" + server.getAddress().getPort() + "/" + path;
  }

  @Test
  void anAddressIsClassifiedAsItsFile() {
    assertThat(
            Vit.run("classify", "--model", model, address("red%20one.png?size=1")).succeeds().out())
        .isEqualTo(Vit.run("classify", "--model", model, red).succeeds().out());
  }

  @Test
  void addressesAndFilesGoTogether() {
    Vit vit =
        Vit.run("classify", "--model", model, address("nothing.png"), red, address("page.html"));
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.out()).startsWith(red.toString());
    assertThat(vit.err().lines()).hasSize(2);
    assertThat(vit.err()).contains("status 404", "not those of an image");
  }

  @Test
  void picturesAreCalledLikeTheEndOfTheAddress() throws IOException {
    Path seen = folder.resolve("seen");
    Vit.run("preprocess", "--model", model, address("red%20one.png"), red, "--png", seen)
        .succeeds();
    try (Stream<Path> files = Files.list(seen)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("red_one.png", "red one.png");
    }
  }

  @Test
  void whatIsNoAddressIsToldInOneLine() {
    Vit.run("classify", "--model", model, "https://a b/c.png").fails("not an address", "%20");
    Vit.run("classify", "--model", model, "http:///c.png").fails("http:///c.png", "names no host");
    Vit.run("classify", "--model", model, "file:///c.png").fails("no such file");
  }
}
