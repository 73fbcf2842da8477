package io.github.vit4j.image;

import io.github.vit4j.error.ImageException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The body that an http or https address answers with. Redirects are followed here and not by the
 * client, so that each address is checked: a redirect leads to no other scheme, nor from https back
 * to http.
 */
final class HttpDownload {
  private static final int OK = 200;

  private final URI given;
  private final HttpLimits limits;
  private final long deadline;

  /** An answer without an image. */
  private static final class OtherStatus extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;
    final String location;

    OtherStatus(int status, String location) {
      this.status = status;
      this.location = location;
    }

    boolean isRedirect() {
      return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }
  }

  private HttpDownload(URI given, HttpLimits limits) {
    this.given = given;
    this.limits = limits;
    this.deadline = System.nanoTime() + limits.timeout().toNanos();
  }

  static byte[] get(URI address, HttpLimits limits) {
    return new HttpDownload(address, limits).get();
  }

  private byte[] get() {
    check(given, given);
    try (HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(limits.timeout())
            .build()) {
      try {
        return get(client);
      } finally {
        // Else close waits for what is still on its way.
        client.shutdownNow();
      }
    }
  }

  private byte[] get(HttpClient client) {
    URI address = given;
    for (int redirects = 0; ; redirects++) {
      try {
        return send(client, address);
      } catch (OtherStatus answer) {
        if (!answer.isRedirect()) {
          throw failure("the server answers with status " + answer.status, "check the address");
        }
        if (redirects == limits.maxRedirects()) {
          throw failure(
              "it redirects more than %d times".formatted(redirects), "give the last address");
        }
        address = redirected(address, answer.location);
        check(address, given);
      }
    }
  }

  private URI redirected(URI from, String location) {
    try {
      URI to = from.resolve(new URI(location));
      if (isHttps(from) && !isHttps(to)) {
        throw failure(
            "it redirects from https to %s".formatted(shown(to)),
            "give that address if you trust it");
      }
      return to;
    } catch (URISyntaxException e) {
      throw failure(
          "it redirects to '%s', which is no address".formatted(ImageReader.oneLine(location)),
          "give another address");
    }
  }

  private static boolean isHttps(URI address) {
    return "https".equalsIgnoreCase(address.getScheme());
  }

  private static void check(URI address, URI given) {
    String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
    boolean known = scheme.equals("http") || scheme.equals("https");
    if (known && address.getHost() != null) {
      return;
    }
    String what = known ? "it names no host" : "only http and https are downloaded";
    throw new ImageException(
        "cannot read %s: %s%s; give an http or https address, or a file as a path"
            .formatted(
                shown(given),
                address.equals(given) ? "" : "it redirects to " + shown(address) + ": ",
                what));
  }

  private byte[] send(HttpClient client, URI address) {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw tooSlow();
    }
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(Duration.ofNanos(left))
            .header("User-Agent", "ViT4J")
            .build();
    CompletableFuture<HttpResponse<byte[]>> future = client.sendAsync(request, this::body);
    try {
      return future.get(left, TimeUnit.NANOSECONDS).body();
    } catch (TimeoutException e) {
      throw tooSlow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("the download was interrupted", "try again");
    } catch (ExecutionException e) {
      throw failed(address, e.getCause() == null ? e : e.getCause());
    } finally {
      future.cancel(true);
    }
  }

  private BodySubscriber<byte[]> body(HttpResponse.ResponseInfo info) {
    if (info.statusCode() != OK) {
      // Ends the exchange: the body of an error is not read, since it may have no end.
      throw new OtherStatus(info.statusCode(), info.headers().firstValue("Location").orElse(""));
    }
    long announced = info.headers().firstValueAsLong("Content-Length").orElse(0);
    if (announced > limits.maxBytes()) {
      throw tooLarge();
    }
    return BodyHandlers.limiting(BodyHandlers.ofByteArray(), limits.maxBytes()).apply(info);
  }

  private RuntimeException failed(URI address, Throwable cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof ImageException || e instanceof OtherStatus) {
        return (RuntimeException) e;
      }
    }
    if (cause instanceof HttpTimeoutException) {
      return tooSlow();
    }
    if (cause instanceof ConnectException) {
      return failure("no connection to " + address.getHost(), "check the address and the network");
    }
    // The words of BodySubscribers.limiting, which has no exception of its own.
    if (String.valueOf(cause.getMessage()).contains("capacity")) {
      return tooLarge();
    }
    return failure(ImageReader.oneLine(cause), "check the address and the network");
  }

  private ImageException tooSlow() {
    return failure(
        "it took longer than %s s".formatted(limits.timeout().toMillis() / 1000.0),
        "try again or allow more time");
  }

  private ImageException tooLarge() {
    return failure(
        "it has more than %d bytes".formatted(limits.maxBytes()), "give a smaller image");
  }

  private ImageException failure(String problem, String advice) {
    return new ImageException("cannot read %s: %s; %s".formatted(shown(given), problem, advice));
  }

  /** Without what may be secret: the user's password, and queries, which hold access tokens. */
  static String shown(URI address) {
    if (address.getHost() == null) {
      return ImageReader.oneLine(address);
    }
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    String query = address.getRawQuery() == null ? "" : "?...";
    return ImageReader.oneLine(
        address.getScheme() + "://" + address.getHost() + port + path + query);
  }
}
