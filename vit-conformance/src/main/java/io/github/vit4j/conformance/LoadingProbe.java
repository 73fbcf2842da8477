package io.github.vit4j.conformance;

import io.github.vit4j.spi.BackendProvider;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * The program that {@link QuietLoading} runs: loads a provider's class, calls its constructor and
 * its {@code name}, and tells what that did to the network, to files and to native libraries.
 *
 * <p>Sees connections made with sockets, URLs and HTTP clients (they ask the proxy selector),
 * traffic on sockets, files written by the JDK's streams and channels, and libraries loaded.
 */
final class LoadingProbe {
  static final String FOUND = "found: ";
  static final String DONE = "done";
  static final String NO_CLASS = "no such class";
  static final String NO_RECORDER = "no flight recorder";

  private LoadingProbe() {}

  /** Probes the class of that name, and ends whatever threads it may have started. */
  public static void main(String[] args) throws Exception {
    probe(args[0]);
    System.out.flush();
    System.exit(0);
  }

  private static void probe(String className) throws Exception {
    List<String> found = Collections.synchronizedList(new ArrayList<>());
    Path given = Path.of(System.getProperty("java.io.tmpdir"));
    List<Path> temporary = List.of(given, given.toRealPath());
    try {
      Class.forName(className, false, LoadingProbe.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      System.out.println(NO_CLASS);
      return;
    }
    ProxySelector.setDefault(new Watcher(found));
    if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
      load(className);
      found.forEach(line -> System.out.println(FOUND + line));
      System.out.println(NO_RECORDER);
      return;
    }
    Path file = Files.createTempFile("loading", ".jfr");
    try (Recording recording = new Recording()) {
      for (String event :
          List.of(
              "jdk.FileWrite",
              "jdk.SocketRead",
              "jdk.SocketWrite",
              "jdk.NativeLibraryLoad",
              "jdk.ProcessStart")) {
        recording.enable(event).withThreshold(Duration.ZERO).withStackTrace();
      }
      recording.start();
      load(className);
      recording.stop();
      recording.dump(file);
    }
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      String line = describe(event, temporary);
      if (!line.isEmpty() && !found.contains(line)) {
        found.add(line);
      }
    }
    found.forEach(line -> System.out.println(FOUND + line));
    System.out.println(DONE);
  }

  private static void load(String className) throws ReflectiveOperationException {
    Object provider = Class.forName(className).getConstructor().newInstance();
    ((BackendProvider) provider).name();
  }

  private static String describe(RecordedEvent event, List<Path> temporary) {
    return switch (event.getEventType().getName()) {
      case "jdk.FileWrite" -> {
        String path = event.getString("path");
        yield path == null || temporary.stream().anyMatch(t -> isInside(Path.of(path), t))
            ? ""
            : "it wrote to " + path;
      }
      case "jdk.NativeLibraryLoad" -> {
        String library = event.getString("name");
        // What belongs to Java itself is loaded by whoever comes first.
        yield library == null
                || isInside(Path.of(library), Path.of(System.getProperty("java.home")))
            ? ""
            : "it loaded the native library " + library;
      }
      case "jdk.ProcessStart" -> "it started the program " + event.getString("command");
      default ->
          "it used the network: %s:%s".formatted(event.getString("host"), event.getInt("port"));
    };
  }

  private static boolean isInside(Path path, Path directory) {
    return path.toAbsolutePath().normalize().startsWith(directory);
  }

  /** Is asked before every connection. */
  private static final class Watcher extends ProxySelector {
    private final List<String> found;

    Watcher(List<String> found) {
      this.found = found;
    }

    @Override
    public List<Proxy> select(URI uri) {
      found.add("it connected to " + uri);
      return List.of(Proxy.NO_PROXY);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
  }
}
