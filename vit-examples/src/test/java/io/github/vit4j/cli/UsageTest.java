package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, version, and what is said to wrong arguments. */
class UsageTest {
  @Test
  void withoutArgumentsHelpIsPrinted() {
    Vit vit = Vit.run().succeeds();
    assertThat(vit.out())
        .startsWith("Usage: vit ")
        .contains("classify", "features", "preprocess", "config", "backends", "conformance", "run")
        .contains("Exit codes:", "Examples:");
    assertThat(Vit.run("--help").succeeds().out()).isEqualTo(vit.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"classify", "features", "preprocess", "config", "backends", "run"})
  void everyCommandHasHelpWithExamplesAndTheCommonOptions(String command) {
    assertThat(Vit.run(command, "--help").succeeds().out())
        .startsWith("Usage: vit " + command)
        .contains("Examples:\n  ./vit ")
        .contains("--model", "--backend", "--device", "--precision", "--threads", "--json");
  }

  @Test
  void everyLineOfHelpFitsATerminal() {
    for (String command : commands()) {
      assertThat(Vit.run(command, "--help").out().lines())
          .as(command)
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
  }

  @Test
  void noHelpHasAFormatThatThePrinterWarnsOf() {
    ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
    try {
      for (String command : commands()) {
        assertThat(Vit.run(command, "--help").succeeds().out()).as(command).doesNotContain("%%");
      }
    } finally {
      System.setErr(before);
    }
    assertThat(warnings.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  private static List<String> commands() {
    List<String> commands =
        Vit.run("--help")
            .out()
            .lines()
            .dropWhile(line -> !line.equals("Commands:"))
            .skip(1)
            .takeWhile(line -> !line.isBlank())
            .filter(line -> line.startsWith("  ") && line.charAt(2) != ' ')
            .map(line -> line.strip().split(" ", 2)[0])
            .toList();
    assertThat(commands).contains("classify", "bench", "soak");
    return commands;
  }

  @Test
  void versionNamesJavaToo() {
    assertThat(Vit.run("--version").succeeds().out()).startsWith("vit ").contains("(Java ");
  }

  @Test
  void wrongArgumentsAreToldInOneLine() {
    Vit.run("clasify").isWrongUsage("unknown command 'clasify'", "did you mean classify?");
    Vit.run("classify", "--topk", "3", "x.png").isWrongUsage("unknown option '--topk'", "--top-k");
    Vit.run("backends", "more").isWrongUsage("unknown argument 'more'", "./vit backends --help");
    Vit.run("classify").isWrongUsage("IMAGE");
    Vit.run("classify", "--top-k", "x", "x.png").isWrongUsage("--top-k", "'x' is not an int");
    Vit.run("classify", "--top-k", "0", "x.png").isWrongUsage("at least 1, got 0");
    Vit.run("classify", "--batch-size", "0", "x.png").isWrongUsage("at least 1, got 0");
    Vit.run("classify", "--threads", "-1", "x.png").isWrongUsage("must not be negative, got -1");
    Vit.run("classify", "--precision", "float8", "x.png")
        .isWrongUsage("unknown precision 'float8'", "float32, float16");
    Vit.run("features", "x.png").isWrongUsage("--output");
    Vit.run("features", "--pool", "max", "--output", "f", "x.png")
        .isWrongUsage("'max' is not one of none, cls, mean, pooler");
    Vit.run("run", "--task", "sing", "--inputs", "a", "--outputs", "b")
        .isWrongUsage("'sing' is not one of classification, features, masked");
    Vit.run("run", "--inputs", "a", "--outputs", "b").isWrongUsage("--task");
    Vit.run("config", "--image-size", "0").isWrongUsage("'0' is not a size in pixels");
    Vit.run("config", "--image-size", "3x").isWrongUsage("'3x' is not a size in pixels");
    Vit.run("config", "--qkv-bias", "yes").isWrongUsage("'yes' is not true or false");
    Vit.run("config", "--hidden-act", "step").isWrongUsage("unknown activation function 'step'");
    Vit.run("config", "--num-labels", "99999999999").isWrongUsage("not a number of labels");
    Vit.run("config", "--architecture", "ResNet").isWrongUsage("'ResNet' is not one of ViTModel");
    Vit.run("config", "--problem-type", "guess").isWrongUsage("regression");
    Vit.run("config", "--num-labels", "1", "--hidden-size", "12", "--num-labels", "2")
        .isWrongUsage("--num-labels", "only once");
    Vit.run("config", "--seed", "1").isWrongUsage("--seed needs --save DIR");
    Vit.run("config", "--force").isWrongUsage("--force needs --save DIR");
  }

  @Test
  void aStackTraceIsShownOnlyWhenAskedFor() {
    Vit.run("classify", "--model", "nowhere", "x.png").fails("no model at 'nowhere'");
    assertThat(Vit.run("classify", "--stacktrace", "--model", "nowhere", "x.png").err())
        .startsWith("vit: no model at 'nowhere'")
        .contains("\tat ");
  }
}
