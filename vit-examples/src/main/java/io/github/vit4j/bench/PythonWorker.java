package io.github.vit4j.bench;

import io.github.vit4j.config.Json;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Python process that runs {@code worker.py} and does what it is told. Not thread-safe.
 *
 * <p>Its standard error goes to a file of which the last line is told when it ends unasked.
 */
final class PythonWorker implements AutoCloseable {
  /** {@code torch.compile} compiles for minutes. */
  private static final int MINUTES = 10;

  private final Path folder;
  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;

  private PythonWorker(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts it.
   *
   * @param python the program
   * @param threads for its libraries
   * @param folder an existing one for the script and what it says
   * @throws InvalidInputException if there is no such program
   */
  static PythonWorker start(String python, int threads, Path folder) {
    ProcessBuilder builder = new ProcessBuilder(command(python, threads, folder, List.of()));
    builder.redirectError(folder.resolve("python.log").toFile());
    try {
      return new PythonWorker(folder, builder.start());
    } catch (IOException e) {
      throw new InvalidInputException(
          "cannot start %s: name a Python program that has torch and transformers"
              .formatted(python),
          e);
    }
  }

  /** The command line of a worker; {@code arguments} as the script explains them. */
  static List<String> command(String python, int threads, Path folder, List<String> arguments) {
    Path script = folder.resolve("worker.py");
    try (InputStream resource = PythonWorker.class.getResourceAsStream("worker.py")) {
      if (!Files.exists(script)) {
        Files.write(script, Objects.requireNonNull(resource, "worker.py").readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> command =
        new ArrayList<>(List.of(python, script.toString(), String.valueOf(threads)));
    command.addAll(arguments);
    return command;
  }

  /**
   * Asks for something and waits for the answer.
   *
   * @param what the name of a method of the script's worker
   * @param arguments puts its arguments
   * @throws BackendException with Python's reason if it fails, ends or takes more than ten minutes
   */
  ObjectNode ask(String what, Consumer<ObjectNode> arguments) {
    ObjectNode request = Json.object().put("do", what);
    arguments.accept(request);
    CompletableFuture<ObjectNode> answer = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> exchange(request, answer));
    try {
      ObjectNode result = answer.get(MINUTES, TimeUnit.MINUTES);
      if (result.has("error")) {
        throw new BackendException(
            "Python, which needs torch and transformers: " + result.get("error").stringValue());
      }
      return result;
    } catch (TimeoutException e) {
      process.destroyForcibly();
      throw new BackendException(
          "Python took more than %d minutes for '%s'".formatted(MINUTES, what), e);
    } catch (ExecutionException e) {
      throw new BackendException("Python ended: " + lastWords(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while waiting for Python", e);
    }
  }

  private void exchange(ObjectNode request, CompletableFuture<ObjectNode> answer) {
    try {
      requests.write(Json.toString(request));
      requests.newLine();
      requests.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new IOException("no answer");
      }
      answer.complete(Json.readObject(line.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException | RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  private String lastWords() {
    try {
      return Files.readAllLines(folder.resolve("python.log"), StandardCharsets.UTF_8).stream()
          .filter(line -> !line.isBlank())
          .reduce((first, second) -> second)
          .orElse("without a word");
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
