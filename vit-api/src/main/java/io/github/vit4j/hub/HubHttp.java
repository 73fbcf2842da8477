package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * Requests to the hub. Redirects are followed here and not by the JDK's client, so that the token
 * goes to the endpoint and nowhere else, and nothing leads from https to http.
 *
 * <p>Thread-safe.
 */
final class HubHttp {
  private static final int MAX_REDIRECTS = 10;

  private final HubSettings settings;
  private final Supplier<HttpClient> client;

  HubHttp(HubSettings settings, Supplier<HttpClient> client) {
    this.settings = settings;
    this.client = client;
  }

  static HttpClient newClient(HubSettings settings, HubEnvironment environment) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // a connection for each of the parallel files
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout());
    HubProxies.configure(builder, environment);
    return builder.build();
  }

  /** The address of a file at a revision: {@code hf_hub_url}. */
  URI file(RepositoryId repository, String revision, String file) {
    return URI.create(
        "%s/%s/resolve/%s/%s"
            .formatted(
                settings.endpoint(),
                repository,
                HubNames.quoted(revision),
                HubNames.quotedPath(file)));
  }

  /** The address of what the hub tells about a repository at a revision. */
  URI info(RepositoryId repository, String revision) {
    return URI.create(
        "%s/api/%s/%s/revision/%s"
            .formatted(
                settings.endpoint(),
                repository.kind().plural,
                repository.name(),
                HubNames.quoted(revision)));
  }

  /**
   * What a file is, without its bytes. The answer may be a redirect to another host, if it says
   * what the file is: the other host does not know.
   */
  Answer head(URI address) throws TransientFailure, InterruptedException {
    return follow(
        address,
        HttpRequest.newBuilder().HEAD(),
        answer ->
            answer.header("X-Repo-Commit").isPresent()
                && answer.etag().isPresent()
                && !isHub(location(answer)));
  }

  /**
   * The bytes of a file.
   *
   * @param from the first byte wanted
   */
  Answer get(URI address, long from) throws TransientFailure, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder().GET();
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    return follow(address, request, answer -> false);
  }

  /** Whether an answer is taken although it is a redirect. */
  private interface Stop {
    boolean at(Answer answer);
  }

  private Answer follow(URI first, HttpRequest.Builder request, Stop stop)
      throws TransientFailure, InterruptedException {
    URI address = first;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      Answer answer = send(address, request);
      if (!answer.isRedirect() || stop.at(answer)) {
        if (answer.isTransient()) {
          answer.close();
          throw TransientFailure.busy(answer.describe(), answer.retryAfter());
        }
        return answer;
      }
      answer.close();
      address = location(answer);
    }
    throw badAnswer(first, "it redirects more than %d times".formatted(MAX_REDIRECTS));
  }

  private URI location(Answer answer) {
    URI from = answer.address();
    String text = answer.header("Location").orElse("");
    URI to;
    try {
      to = from.resolve(new URI(text));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw badAnswer(from, "it redirects to '%s', no address".formatted(OneLine.of(text, 100)));
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    if (text.isEmpty()
        || to.getHost() == null
        || !(scheme.equals("https") || scheme.equals("http"))) {
      throw badAnswer(from, "it redirects to '%s', no address".formatted(OneLine.of(text, 100)));
    }
    if ("https".equalsIgnoreCase(from.getScheme()) && scheme.equals("http")) {
      throw badAnswer(
          from, "it redirects from https to http at %s".formatted(OneLine.of(to.getHost(), 100)));
    }
    return to;
  }

  private static HubException badAnswer(URI address, String problem) {
    return new HubException(
        HubException.Reason.BAD_ANSWER,
        "%s does not answer like a hub: %s; check HF_ENDPOINT and the proxy"
            .formatted(shown(address), problem));
  }

  /** Same scheme, host and port. */
  private boolean isHub(URI address) {
    URI hub = settings.endpoint();
    return String.valueOf(hub.getScheme()).equalsIgnoreCase(address.getScheme())
        && String.valueOf(hub.getHost()).equalsIgnoreCase(address.getHost())
        && port(hub) == port(address);
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
  }

  private Answer send(URI address, HttpRequest.Builder template)
      throws TransientFailure, InterruptedException {
    HttpRequest.Builder request =
        template
            .copy()
            .uri(address)
            .header("User-Agent", "ViT4J; java/" + Runtime.version().feature())
            // Sizes and parts are those of the file, not of something compressed.
            .header("Accept-Encoding", "identity");
    if (isHub(address)) {
      settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    CompletableFuture<HttpResponse<AnswerBody>> future =
        client.get().sendAsync(request.build(), info -> new AnswerBody());
    // Not the request's own timeout, which in newer JDKs spans the body.
    Duration wait = settings.answerTimeout();
    try {
      HttpResponse<AnswerBody> response = future.get(wait.toNanos(), TimeUnit.NANOSECONDS);
      return new Answer(address, response.statusCode(), response.headers(), response.body());
    } catch (TimeoutException e) {
      future.cancel(true);
      throw TransientFailure.cut(
          "%s does not answer within %s s".formatted(shown(address), seconds(wait)), false, e);
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw failure(address, e.getCause() == null ? e : e.getCause());
    }
  }

  static String seconds(Duration duration) {
    return String.valueOf(Math.max(duration.toMillis(), 1) / 1000.0).replaceAll("\\.0$", "");
  }

  private static TransientFailure failure(URI address, Throwable cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof UnresolvedAddressException) {
        return TransientFailure.unreachable(
            "the host %s is not known".formatted(address.getHost()), cause);
      }
      if (e instanceof SSLException) {
        throw new HubException(
            HubException.Reason.UNREACHABLE,
            "no secure connection to %s: %s; if a proxy inspects TLS, give Java its certificate with -Djavax.net.ssl.trustStore"
                .formatted(shown(address), OneLine.reason(e)),
            cause);
      }
    }
    String reason = OneLine.reason(cause);
    if (reason.contains("407") || reason.contains("authentication")) {
      throw new HubException(
          HubException.Reason.UNREACHABLE,
          "the proxy for %s wants a user and a password: %s; set https_proxy=http://USER:PASSWORD@HOST:PORT and -Djdk.http.auth.tunneling.disabledSchemes="
              .formatted(shown(address), reason),
          cause);
    }
    if (cause instanceof HttpConnectTimeoutException) {
      return TransientFailure.unreachable("no connection to %s".formatted(shown(address)), cause);
    }
    if (cause instanceof ConnectException) {
      return TransientFailure.unreachable(
          "no connection to %s (%s)"
              .formatted(
                  shown(address), cause.getMessage() == null ? "refused" : OneLine.reason(cause)),
          cause);
    }
    return TransientFailure.cut(
        "the connection to %s was cut (%s)".formatted(shown(address), reason), false, cause);
  }

  /**
   * The whole body of a small answer.
   *
   * @throws HubException if it is larger, or trickles in without an end: that is not tried again,
   *     since it takes so long to notice
   */
  byte[] readAll(Answer answer, int maxBytes) throws TransientFailure, InterruptedException {
    Duration longest = longestQuestion(settings);
    long deadline = System.nanoTime() + longest.toNanos();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      while (true) {
        long left = Math.min(deadline - System.nanoTime(), settings.stallTimeout().toNanos());
        if (left <= 0) {
          throw tooSlow(answer.address(), bytes.size(), longest);
        }
        List<ByteBuffer> part = answer.body().next(Duration.ofNanos(left));
        if (part == null) {
          return bytes.toByteArray();
        }
        for (ByteBuffer buffer : part) {
          byte[] array = new byte[buffer.remaining()];
          buffer.get(array);
          bytes.writeBytes(array);
        }
        if (bytes.size() > maxBytes) {
          throw badAnswer(
              answer.address(), "it sends more than %d bytes of JSON".formatted(maxBytes));
        }
      }
    } catch (IOException e) {
      if (System.nanoTime() - deadline >= 0) {
        throw tooSlow(answer.address(), bytes.size(), longest);
      }
      throw TransientFailure.cut(
          "%s: %s".formatted(shown(answer.address()), OneLine.reason(e)), false, e);
    } finally {
      answer.close();
    }
  }

  private static HubException tooSlow(URI address, int bytes, Duration time) {
    return new HubException(
        HubException.Reason.UNREACHABLE,
        "%s has sent no more than %d bytes of its answer in %s s; check the network, or try again later"
            .formatted(shown(address), bytes, seconds(time)));
  }

  /** The time for a small question and its answer, pauses aside. */
  static Duration longestQuestion(HubSettings settings) {
    return settings.stallTimeout().multipliedBy(6);
  }

  /** Scheme, host and port: paths and queries of other hosts hold signatures. */
  static String shown(URI address) {
    return OneLine.of(address.getScheme() + "://" + address.getAuthority(), 200);
  }

  /** The origin, for messages. */
  Optional<String> otherHost(URI address) {
    return isHub(address) ? Optional.empty() : Optional.of(shown(address));
  }
}
