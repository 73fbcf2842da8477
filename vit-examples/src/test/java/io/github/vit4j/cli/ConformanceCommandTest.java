package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.config.Json;
import io.github.vit4j.conformance.Check;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit conformance}, with two backends of its own and checks made by hand. */
class ConformanceCommandTest {
  @TempDir Path folder = Path.of("");
  private ClassLoader before = ConformanceCommandTest.class.getClassLoader();

  /** A backend that is only listed. */
  public static final class Abacus implements BackendProvider {
    @Override
    public String name() {
      return "abacus";
    }

    @Override
    public Availability availability() {
      return new Availability.Available(
          "Abacus 1.0",
          List.of(
              new Device("wood", "wooden beads", Set.of(Precision.FP32, Precision.INT8)),
              new Device("glass", "glass beads", Set.of(Precision.FP32))));
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  /** A backend that is not there. */
  public static final class Absent implements BackendProvider {
    @Override
    public String name() {
      return "absent";
    }

    @Override
    public Availability availability() {
      return new Availability.Unavailable("there are no beads; buy some");
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  /** A backend that breaks off when it is asked what it has. */
  public static final class BreaksOff implements BackendProvider {
    @Override
    public String name() {
      return "breaks-off";
    }

    @Override
    public Availability availability() {
      throw new AssertionError("the beads\nfell off");
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  /** A backend that says nothing. */
  @NullUnmarked
  public static final class Silent implements BackendProvider {
    @Override
    public String name() {
      return "silent";
    }

    @Override
    public Availability availability() {
      return null;
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  /** A backend without a name. */
  @NullUnmarked
  public static final class Nameless implements BackendProvider {
    @Override
    public String name() {
      return null;
    }

    @Override
    public Availability availability() {
      return new Abacus().availability();
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  /** A backend that ends the process as if all were well. */
  public static final class Exiting implements BackendProvider {
    @Override
    public String name() {
      return "exiting";
    }

    @Override
    public Availability availability() {
      return new Abacus().availability();
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      System.exit(0);
      throw new UnsupportedOperationException();
    }
  }

  private void services(String... classes) throws IOException {
    Path services = Files.createDirectories(folder.resolve("jar/META-INF/services"));
    Files.writeString(
        services.resolve(BackendProvider.class.getName()), String.join("\n", classes) + "\n");
  }

  /** Besides the backends that are installed, for this thread. */
  @BeforeEach
  void installBackends() throws IOException {
    services(Abacus.class.getName(), Absent.class.getName());
    before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread()
        .setContextClassLoader(
            new URLClassLoader(
                new URL[] {folder.resolve("jar").toUri().toURL()},
                ConformanceCommandTest.class.getClassLoader()));
  }

  @AfterEach
  void restore() {
    Thread.currentThread().setContextClassLoader(before);
  }

  private static Check check(Requirement requirement, String name, Outcome outcome) {
    return new Check(requirement, name, () -> outcome);
  }

  private static Outcome measured(double error) {
    List<Measurement> measurements = List.of(new Measurement("logits", error, 1e-6, 2e-7));
    return error <= 1e-6
        ? new Outcome.Passed(measurements)
        : new Outcome.Failed("logits differ", measurements);
  }

  /** Glass beads are not exact. */
  private static List<Check> checks(Subject subject) {
    return List.of(
        check(Requirement.NAME, "name", new Outcome.Passed(List.of())),
        check(Requirement.LOGITS, "base", measured(subject.device().equals("glass") ? 0.5 : 5e-7)),
        check(Requirement.NO_LAYERS, "none", new Outcome.Failed("needs a layer", List.of())),
        check(Requirement.FULL_SIZE, "huge", new Outcome.Passed(List.of())));
  }

  private static Vit run(Function<Subject, List<Check>> checks, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        new CommandLine(new ConformanceCommand(checks))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err, true))
            .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
    return new Vit(exitCode, out.toString(), err.toString());
  }

  private static Vit run(Object... arguments) {
    return run(ConformanceCommandTest::checks, arguments);
  }

  @Test
  void anOptionalFailureIsShownAndSuccess() {
    assertThat(run("--backend", "abacus").succeeds().out())
        .containsPattern("2\\.1 logits +required +ok 50%")
        .containsPattern("4\\.12 no_layers +optional +FAIL")
        .contains(
            "abacus on wood, float32 (Abacus 1.0): conforms, ",
            " required ones not judged; optional 4.12 is wrong")
        .contains("FAIL 4.12 has no layers [optional], none: needs a layer");
  }

  @Test
  void aRequiredFailureIsOneLineAndExitCode1() {
    Vit vit = run("--backend", "abacus", "--device", "glass");
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.err())
        .isEqualTo("vit: abacus on glass, float32 does not conform: 2.1; optional 4.12 is wrong\n");
    assertThat(vit.out()).contains("logits differ");
  }

  @Test
  void everyAvailableBackendIsJudgedAndTheOthersAreNamed() {
    assertThat(run().succeeds().out())
        .contains("onnx on cpu, float32", "abacus on wood, float32 (Abacus 1.0): conforms")
        .contains("left out: ", "absent is not available (there are no beads; buy some)")
        .doesNotContain("glass", "int8");
    assertThat(run("--precision", "int8", "--device", "wood").succeeds().out())
        .contains("abacus on wood, int8", "left out: ", "onnx has cpu")
        .doesNotContain("onnx on");
  }

  @Test
  void backendsThatBreakTheirContractAreLeftOutByNameAndTheOthersJudged() throws IOException {
    services(
        "no.such.Backend",
        BreaksOff.class.getName(),
        Silent.class.getName(),
        Nameless.class.getName(),
        Abacus.class.getName());
    Vit vit = run();
    assertThat(vit.exitCode()).isZero();
    assertThat(vit.out())
        .contains("onnx on cpu, float32", "abacus on wood, float32 (Abacus 1.0): conforms");
    assertThat(vit.out().lines().filter(line -> line.startsWith("left out: ")))
        .anyMatch(
            line ->
                line.contains(
                    "breaks-off is not available (it failed when asked: the beads fell off)"))
        .anyMatch(line -> line.contains("silent is not available (it gave null when asked"))
        .anyMatch(line -> line.contains(Nameless.class.getName() + " has no name: it gives null"))
        .anyMatch(line -> line.contains("no.such.Backend"));
    assertThat(Vit.run("backends").out())
        .contains("breaks-off is not available: it failed when asked: the beads fell off")
        .contains("left out: " + Nameless.class.getName() + " has no name")
        .containsPattern("left out: .*no\\.such\\.Backend");
    assertThat(Vit.run("backends", "--json").err()).contains("left out: ", "no.such.Backend");
  }

  @Test
  void aBackendThatEndsTheProcessIsNamedAndNoSuccess() throws Exception {
    services(Exiting.class.getName());
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                folder.resolve("jar") + File.pathSeparator + System.getProperty("java.class.path"),
                Main.class.getName(),
                "conformance",
                "--backend",
                "exiting",
                "--requirement",
                "2.1")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(said.lines())
        .containsExactly("vit: exiting on wood, float32 ended the process while it was judged");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void allIsEveryDeviceInEveryPrecision() throws IOException {
    Vit vit = run("--backend", "abacus", "--all", "--json");
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.json().get("subjects"))
        .extracting(s -> s.get("device").stringValue() + " " + s.get("precision").stringValue())
        .containsExactly("wood float32", "wood int8", "glass float32");
    Vit.run("conformance", "--all", "--device", "wood")
        .isWrongUsage("--all judges every device in every precision");
  }

  @Test
  void requirementsAreChosenByNumberAndKey() throws IOException {
    ObjectNode json =
        run("--backend", "abacus", "--requirement", "2.1", "full_size", "--json").json();
    assertThat(json.get("subjects").get(0).get("requirements"))
        .filteredOn(r -> !r.get("checks").isEmpty())
        .extracting(r -> r.get("number").stringValue())
        .containsExactly("2.1", "5.7");
    Vit.run("conformance", "--requirement", "9.9")
        .isWrongUsage("there is no requirement '9.9'; there are 1.1 service_loader, 1.2 name, ");
  }

  @Test
  void quickSkipsByName() {
    assertThat(run("--backend", "abacus", "--quick").succeeds().out())
        .containsPattern("5\\.7 full_size +required +skip")
        .contains("[required], huge: takes long, and a quick run was asked for");
  }

  @Test
  void verboseTellsEveryCheck() {
    assertThat(run("--backend", "abacus", "--verbose").err().lines())
        .containsExactly(
            "abacus on wood, float32: 1.2 name, name: ok",
            "abacus on wood, float32: 2.1 logits, base: ok; logits: relative error 5.0e-07,"
                + " tolerance 1.0e-06, PyTorch 2.0e-07",
            "abacus on wood, float32: 4.12 no_layers, none: FAIL: needs a layer",
            "abacus on wood, float32: 5.7 full_size, huge: ok");
  }

  @Test
  void theReportIsWrittenIntoADirectoryThatIsMade() throws IOException {
    Path directory = folder.resolve("a/b");
    run("--backend", "abacus", "--report", directory).succeeds();
    JsonNode subject =
        Json.readObject(directory.resolve("conformance.json")).get("subjects").get(0);
    assertThat(subject.get("conforms").booleanValue()).isTrue();
    assertThat(directory.resolve("conformance.html")).content().contains("Abacus 1.0");
  }

  @Test
  void whereNoReportCanBeWrittenIsFoundOutBeforeTheWork() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Vit.run("conformance", "--backend", "abacus", "--report", file)
        .fails("cannot write the report into", "it is not a directory");
    Vit.run("conformance", "--backend", "abacus", "--report", file.resolve("below")).fails("file");
    Path taken = Files.createDirectories(folder.resolve("taken/conformance.html"));
    Vit.run("conformance", "--backend", "abacus", "--report", taken.resolveSibling(""))
        .fails("conformance.html: it is a directory");
  }

  @Test
  void withoutChecksNothingConforms() {
    Vit vit = run(subject -> List.of(), "--backend", "abacus");
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.err()).isEqualTo("vit: abacus on wood, float32: nothing was judged\n");
    assertThat(vit.out()).contains("nothing was judged").doesNotContain("conforms");
  }

  @Test
  void whatIsAskedForIsMetOrRefused() {
    Vit.run("conformance", "--backend", "absent")
        .fails("absent is not available (there are no beads; buy some)");
    Vit.run("conformance", "--backend", "absent", "--all")
        .fails("absent is not available (there are no beads; buy some)");
    Vit.run("conformance", "--backend", "abakus")
        .fails("no backend is named 'abakus', there are", "abacus");
    Vit.run("conformance", "--backend", "abacus", "--device", "steel")
        .fails("abacus has wood (float32, int8), glass (float32)");
    Vit.run("conformance", "--backend", "abacus", "--device", "glass", "--precision", "int8")
        .fails("abacus has wood (float32, int8), glass (float32)");
    Vit.run("conformance", "--device", "steel")
        .fails("nothing here serves backend auto, device steel", "onnx has cpu", "abacus has wood");
  }

  @Test
  void helpFitsATerminal() {
    assertThat(Vit.run("conformance", "--help").succeeds().out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100))
        .anyMatch(line -> line.contains("./vit conformance --report"));
  }
}
