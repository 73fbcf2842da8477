package io.github.vit4j.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.vit4j.config.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server with the hub's behaviour, and a second one that stands for the content network to which
 * the hub sends its visitors for large files. Answers can be replaced one by one, to misbehave.
 */
final class FakeHub implements AutoCloseable {
  static final String MODEL = "google/vit-tiny";
  static final String DATASET = "datasets/huggingface/cats-image";
  static final String TOKEN = "hf_secret";

  private static final Pattern RESOLVE = Pattern.compile("/(.+)/resolve/([^/]+)/(.+)");
  private static final Pattern INFO = Pattern.compile("/api/(models|datasets)/(.+)/revision/(.+)");
  private static final Pattern TREE = Pattern.compile("/api/models/(.+)/tree/(.+)");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  /** A request that arrived. */
  record Request(
      String host, String method, String path, @Nullable String authorization, long from) {
    boolean isFor(String wantedMethod, String end) {
      return method.equals(wantedMethod) && path.endsWith(end);
    }
  }

  /** In place of the usual answer. */
  @FunctionalInterface
  interface Misbehaviour {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private record Planned(String method, String part, Misbehaviour misbehaviour, boolean always) {}

  /** A file of a repository; large ones come from the other host. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Content(byte[] bytes, boolean large) {
    String etag() {
      try {
        Path file = Files.createTempFile("etag", null);
        try {
          Files.write(file, bytes);
          return BlobHash.of(file, "0".repeat(large ? 64 : 40));
        } finally {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private record Commit(String id, Map<String, Content> files) {}

  private final HttpServer hub = server("localhost");
  private final HttpServer network = server("127.0.0.1");
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Deque<Planned> planned = new ArrayDeque<>();
  private final Map<String, Map<String, Commit>> repositories = new LinkedHashMap<>();
  private final Map<String, byte[]> stored = new LinkedHashMap<>();
  private int commits;

  private static HttpServer server(String host) {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  FakeHub() {
    start(hub, "hub", this::answer);
    start(network, "network", this::answerOfNetwork);
  }

  private void start(HttpServer server, String host, Misbehaviour usual) {
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            Matcher range =
                RANGE.matcher(
                    Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), ""));
            requests.add(
                new Request(
                    host,
                    exchange.getRequestMethod(),
                    path,
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    range.matches() ? Long.parseLong(range.group(1)) : 0));
            next(exchange.getRequestMethod(), path).orElse(usual).answer(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
  }

  private synchronized Optional<Misbehaviour> next(String method, String path) {
    Optional<Planned> found =
        planned.stream()
            .filter(plan -> plan.method().equals(method) && path.contains(plan.part()))
            .findFirst();
    found.filter(plan -> !plan.always()).ifPresent(planned::remove);
    return found.map(Planned::misbehaviour);
  }

  /** Answers the next request of that method, whose path has that part, in another way. */
  synchronized void once(String method, String part, Misbehaviour misbehaviour) {
    planned.add(new Planned(method, part, misbehaviour, false));
  }

  /** Answers all further requests of that method, whose path has that part, in another way. */
  synchronized void always(String method, String part, Misbehaviour misbehaviour) {
    planned.add(new Planned(method, part, misbehaviour, true));
  }

  /** Behaves again. */
  synchronized void behave() {
    planned.clear();
  }

  String address() {
    return "http://localhost:" + hub.getAddress().getPort();
  }

  String networkAddress() {
    return "http://127.0.0.1:" + network.getAddress().getPort();
  }

  /** Commits files to a branch, on top of what is there. */
  synchronized String commit(String repository, String revision, Map<String, Content> files) {
    Map<String, Commit> revisions =
        repositories.computeIfAbsent(repository, name -> new LinkedHashMap<>());
    Map<String, Content> all = new LinkedHashMap<>();
    Commit before = revisions.get(revision);
    if (before != null) {
      all.putAll(before.files());
    }
    all.putAll(files);
    String id = HexFormat.of().toHexDigits(++commits, 4).repeat(10);
    Commit commit = new Commit(id, all);
    revisions.put(revision, commit);
    revisions.put(id, commit);
    files.values().stream()
        .filter(Content::large)
        .forEach(content -> stored.put(content.etag(), content.bytes()));
    return id;
  }

  static Content small(String text) {
    return new Content(text.getBytes(StandardCharsets.UTF_8), false);
  }

  static Content large(byte[] bytes) {
    return new Content(bytes, true);
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The requests of a method whose path ends so. */
  List<Request> requests(String method, String end) {
    return requests.stream().filter(request -> request.isFor(method, end)).toList();
  }

  /** The requests for the bytes of large files. */
  List<Request> transfers() {
    return requests.stream().filter(request -> request.host().equals("network")).toList();
  }

  void forgetRequests() {
    requests.clear();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    Matcher info = INFO.matcher(path);
    Matcher tree = TREE.matcher(path);
    Matcher resolve = RESOLVE.matcher(path);
    if (info.matches()) {
      String prefix = info.group(1).equals("models") ? "" : "datasets/";
      Optional<Commit> commit = find(exchange, prefix + info.group(2), decoded(info.group(3)));
      if (commit.isPresent()) {
        send(exchange, 200, info(info.group(2), commit.get()));
      }
    } else if (tree.matches()) {
      Optional<Commit> commit = find(exchange, tree.group(1), decoded(tree.group(2)));
      if (commit.isPresent()) {
        send(exchange, 200, tree(commit.get()));
      }
    } else if (resolve.matches()) {
      Optional<Commit> commit = find(exchange, resolve.group(1), decoded(resolve.group(2)));
      if (commit.isPresent()) {
        resolve(exchange, commit.get(), decoded(resolve.group(3)));
      }
    } else {
      status(exchange, 404);
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private synchronized Optional<Commit> find(
      HttpExchange exchange, String repository, String revision) throws IOException {
    Map<String, Commit> revisions = repositories.get(repository);
    if (revisions == null) {
      exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
      exchange.getResponseHeaders().set("X-Error-Message", "Repository not found");
      status(exchange, exchange.getRequestHeaders().getFirst("Authorization") == null ? 401 : 404);
      return Optional.empty();
    }
    Commit commit = revisions.get(revision);
    if (commit == null) {
      exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
      status(exchange, 404);
    }
    return Optional.ofNullable(commit);
  }

  private static byte[] info(String id, Commit commit) {
    ObjectNode info = Json.object();
    info.put("id", id);
    info.put("sha", commit.id());
    ArrayNode siblings = info.putArray("siblings");
    commit.files().keySet().forEach(name -> siblings.addObject().put("rfilename", name));
    return Json.toString(info).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] tree(Commit commit) {
    ArrayNode tree = Json.object().putArray("tree");
    commit
        .files()
        .forEach(
            (name, content) -> {
              ObjectNode file = tree.addObject();
              file.put("type", "file");
              file.put("path", name);
              file.put("size", content.bytes().length);
              file.put("oid", content.large() ? "0".repeat(40) : content.etag());
              if (content.large()) {
                ObjectNode lfs = file.putObject("lfs");
                lfs.put("oid", content.etag());
                lfs.put("size", content.bytes().length);
                lfs.put("pointerSize", 134);
              }
            });
    return Json.toString(tree).getBytes(StandardCharsets.UTF_8);
  }

  private void resolve(HttpExchange exchange, Commit commit, String name) throws IOException {
    exchange.getResponseHeaders().set("X-Repo-Commit", commit.id());
    Content content = commit.files().get(name);
    if (content == null) {
      exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
      status(exchange, 404);
    } else if (content.large()) {
      exchange.getResponseHeaders().set("X-Linked-Etag", quoted(content.etag()));
      exchange.getResponseHeaders().set("X-Linked-Size", "" + content.bytes().length);
      exchange
          .getResponseHeaders()
          .set(
              "Location",
              networkAddress() + "/stored/" + content.etag() + "?X-Signature=abc&Expires=1");
      status(exchange, 302);
    } else {
      exchange.getResponseHeaders().set("ETag", quoted(content.etag()));
      send(exchange, 200, content.bytes());
    }
  }

  private void answerOfNetwork(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] bytes;
    synchronized (this) {
      bytes = stored.get(path.substring(path.lastIndexOf('/') + 1));
    }
    if (bytes == null) {
      status(exchange, 404);
    } else {
      exchange.getResponseHeaders().set("ETag", quoted("of-the-network"));
      send(exchange, 200, bytes);
    }
  }

  static String quoted(String etag) {
    return '"' + etag + '"';
  }

  static void status(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
  }

  /** Sends a body, or the part of it that is asked for, or nothing but its length. */
  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    Matcher range =
        RANGE.matcher(
            Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), ""));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", "" + body.length);
      exchange.sendResponseHeaders(status, -1);
    } else if (range.matches()) {
      int from = Integer.parseInt(range.group(1));
      if (from >= body.length) {
        status(exchange, 416);
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, body.length - 1, body.length));
      exchange.sendResponseHeaders(206, body.length - from);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body, from, body.length - from);
      }
    } else {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Announces the whole body and ends the connection after some bytes of it. */
  static Misbehaviour cutAfter(byte[] body, int bytes) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      OutputStream out = exchange.getResponseBody();
      out.write(body, 0, bytes);
      out.flush();
    };
  }

  /** Sends some bytes, then nothing for a long time. */
  static Misbehaviour stallAfter(byte[] body, int bytes) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      OutputStream out = exchange.getResponseBody();
      out.write(body, 0, bytes);
      out.flush();
      Thread.sleep(60_000);
    };
  }

  /** Answers with a status and headers, given as names and values in turn. */
  static Misbehaviour answer(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      status(exchange, status);
    };
  }

  /** Everything that was asked of the content network carried no token. */
  List<String> tokensSentElsewhere() {
    List<String> tokens = new ArrayList<>();
    for (Request request : transfers()) {
      if (request.authorization() != null) {
        tokens.add(request.authorization());
      }
    }
    return tokens;
  }

  @Override
  public void close() {
    executor.shutdownNow();
    hub.stop(0);
    network.stop(0);
  }
}
