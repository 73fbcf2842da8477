package io.github.vit4j.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the README says, as it stands there, with what this build made. A comment before each
 * block says who runs it: {@code <!-- run -->} this test, {@code <!-- ci -->} the script .ci/run,
 * {@code <!-- outside: ... -->} vit-conformance's OutsideProjectIT, {@code <!-- nothing to run -->}
 * nobody. Commands within sentences are run too, with files and directories in place of words in
 * capitals.
 */
class ReadmeIT {
  private static final Path CLONE = Path.of("..").toAbsolutePath().normalize();
  private static final String CIFAR10 = CLONE + "/../shared/data/cifar10-jpg.zip";
  private static final long PATIENCE_MINUTES = 5;

  private static final Pattern BLOCK =
      Pattern.compile(
          "(?ms)(?:^<!-- (?<by>[^\n]*?) -->\n)?^```(?<language>\\w*)\n(?<text>.*?)^```$");

  private static final Pattern IN_A_SENTENCE =
      Pattern.compile("`(?<command>(\\./vit|python|\\S+\\.sh) [^`]+)`");

  /** Of a command within a sentence: what the reader puts there, and an instance of it. */
  private static final List<List<String>> PLACEHOLDERS =
      List.of(
          List.of("example NAME", "example ImageClassification"),
          List.of("[PHOTO [MODEL]]", "vit-examples/photos/chelsea.png builtin:vit-tiny-cifar10"),
          List.of("PHOTO", "vit-examples/photos/chelsea.png"),
          // All of it takes minutes, and the backends' own tests have done it.
          List.of("--backend NAME --all", "--backend onnx --all --quick"),
          // As short as they can be, and without Python, which BenchCommandTest has.
          List.of(" --against PYTHON", " --turns 1 --seconds 0.01"),
          List.of("--model MODEL", "--model builtin:vit-tiny-cifar10"),
          List.of("--photos FOLDER", "--photos vit-examples/photos/drawn"),
          List.of("soak --runs N", "soak --backend onnx --runs 10 --cycles 10 --limit 1000"),
          List.of("conformance --report DIR", "conformance --quick --report directory"),
          List.of("cifar10-jpg.zip", CIFAR10));

  @TempDir private Path reader = Path.of("");

  /** A directory with the clone's files in it, so that what the commands write lies elsewhere. */
  @BeforeEach
  void enterTheClone() throws IOException {
    assumeTrue(Files.exists(Path.of("/bin/sh")), "skipped: there is no /bin/sh");
    try (Stream<Path> files = Files.list(CLONE)) {
      for (Path file : files.toList()) {
        Files.createSymbolicLink(reader.resolve(Objects.requireNonNull(file.getFileName())), file);
      }
    }
  }

  @Test
  void everyBlockSaysWhoRunsIt() throws IOException {
    assertThat(blocks())
        .isNotEmpty()
        .allSatisfy(
            block ->
                assertThat(block.group("by"))
                    .as(block.group())
                    .matches("run|ci|needs the network|nothing to run"));
  }

  @Test
  void whatTheScriptRunsIsThere() throws IOException {
    String script = Files.readString(CLONE.resolve(".ci/run"));
    assertThat(blocks("ci"))
        .isNotEmpty()
        .allSatisfy(
            block ->
                assertThat(block.group("text").lines().map(ReadmeIT::command))
                    .allSatisfy(command -> assertThat(script).contains(command)));
  }

  /** The command of a line, without what it says about it. */
  private static String command(String line) {
    return line.replaceFirst("\\s+#.*", "").strip().replaceFirst("^mvn ", "");
  }

  @TestFactory
  Stream<DynamicTest> commands() throws IOException {
    return blocks("run").stream()
        .filter(block -> block.group("language").equals("sh"))
        .flatMap(block -> block.group("text").lines())
        .filter(line -> !command(line).isEmpty())
        .map(line -> DynamicTest.dynamicTest(line, () -> run(line)));
  }

  @TestFactory
  Stream<DynamicTest> commandsInSentences() throws IOException {
    return IN_A_SENTENCE
        .matcher(withoutBlocks())
        .results()
        .map(match -> match.group("command"))
        .distinct()
        .map(command -> DynamicTest.dynamicTest(command, () -> runSentence(command)));
  }

  private void runSentence(String command) throws IOException, InterruptedException {
    String filled = command;
    for (List<String> placeholder : PLACEHOLDERS) {
      filled = filled.replace(placeholder.getFirst(), placeholder.getLast());
    }
    if (filled.startsWith("./vit ")) {
      assumeTrue(
          !filled.contains(CIFAR10) || Files.exists(Path.of(CIFAR10)),
          "skipped: there is no " + CIFAR10);
      run(filled);
      return;
    }
    // A comparison takes minutes and a model of some size; that it is there and can be started:
    String script = filled.replaceFirst("^python ", "").replaceFirst(" .*", "");
    assertThat(CLONE.resolve(script)).exists();
    if (filled.startsWith("python ")) {
      assumeTrue(System.getenv("VIT4J_PYTHON") != null, "skipped: VIT4J_PYTHON names no Python");
      run("\"$VIT4J_PYTHON\" " + script + " --help");
    } else {
      assertThat(CLONE.resolve(script)).isExecutable();
    }
  }

  @TestFactory
  Stream<DynamicTest> programs() throws IOException {
    return blocks("run").stream()
        .filter(block -> block.group("language").equals("java"))
        .map(block -> block.group("text"))
        .map(
            text -> DynamicTest.dynamicTest(text.lines().findFirst().orElse(""), () -> java(text)));
  }

  /** Statements become the body of a program; every type of the API is imported. */
  private void java(String statements) throws IOException, InterruptedException {
    Files.writeString(
        reader.resolve("Snippet.java"),
        """
        import com.google.inject.*;
        import io.github.vit4j.*;
        import io.github.vit4j.config.*;
        import io.github.vit4j.guice.*;
        import io.github.vit4j.hub.*;
        import io.github.vit4j.image.*;
        import io.github.vit4j.pipeline.*;
        import io.github.vit4j.spi.*;
        import io.github.vit4j.tensor.*;
        import java.nio.file.*;
        import java.util.*;

        void main() throws Exception {
        %s}
        """
            .formatted(statements));
    run(
        "\"%s/bin/java\" --enable-native-access=ALL-UNNAMED -cp 'vit-examples/target/vit-examples.jar:vit-examples/target/lib/*' Snippet.java"
            .formatted(System.getProperty("java.home")));
  }

  private void run(String command) throws IOException, InterruptedException {
    Path log = reader.resolve("log.txt");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .directory(reader.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("HF_HUB_OFFLINE", "1");
    Process process = builder.start();
    boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
    process.destroy();
    assertThat(ended && process.waitFor() == 0)
        .as("%s%nsays:%n%s", command, Files.readString(log))
        .isTrue();
    assertThat(Files.size(log)).as("what it prints").isPositive();
  }

  private static List<MatchResult> blocks(String by) throws IOException {
    return blocks().stream().filter(block -> by.equals(block.group("by"))).toList();
  }

  private static List<MatchResult> blocks() throws IOException {
    return BLOCK.matcher(Files.readString(CLONE.resolve("README.md"))).results().toList();
  }

  private static String withoutBlocks() throws IOException {
    return BLOCK.matcher(Files.readString(CLONE.resolve("README.md"))).replaceAll("");
  }
}
