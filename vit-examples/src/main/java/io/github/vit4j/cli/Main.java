package io.github.vit4j.cli;

import io.github.vit4j.hub.HubClient;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The {@code vit} command line. Results go to standard output, everything else to standard error.
 * Exit codes: 0 for success, 1 for a failure, 2 for wrong usage; a failure is one line, {@code vit:
 * MESSAGE}.
 */
@Command(
    name = "vit",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = "Vision Transformers on the JVM: HuggingFace's ViT models on photos and tensors.",
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit classify photo.jpg",
      "  ./vit classify --model path/to/vit-base-patch16-224 --top-k 3 --json photos/",
      "  ./vit features photo.jpg --pool cls --output features.safetensors",
      "  ./vit models download google/vit-base-patch16-224",
      "  ./vit backends",
      "",
      "'./vit COMMAND --help' explains a command. Environment: VIT4J_BACKEND and VIT4J_DEVICE preset",
      "--backend and --device, VIT4J_CLASSPATH adds an engine of your own (jars or directories, separated",
      "by colons), VIT4J_JAVA_HOME names the JDK (25 or newer), VIT4J_JAVA_OPTS holds further options for",
      "it, VIT4J_DEBUG=1 shows stack traces. Models on the HuggingFace hub and their cache: HF_HOME,",
      "HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE and https_proxy mean what they mean to Python."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:a failure, told in one line on standard error",
      "2:wrong usage"
    },
    subcommands = {
      ClassifyCommand.class,
      FeaturesCommand.class,
      PreprocessCommand.class,
      ModelsCommand.class,
      ConfigCommand.class,
      ExportCommand.class,
      BackendsCommand.class,
      ConformanceCommand.class,
      RunCommand.class,
      AccuracyCommand.class,
      BenchCommand.class,
      SoakCommand.class,
      ExampleCommand.class
    })
public final class Main implements Callable<Integer> {
  private static final int FAILURE = 1;
  private static final int WRONG_USAGE = 2;
  private static final int HELP_WIDTH = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--stacktrace", hidden = true, scope = CommandLine.ScopeType.INHERIT)
  private boolean stackTrace = System.getenv("VIT4J_DEBUG") != null;

  private final Map<String, String> environment;
  private final DownloadBar downloads;
  private @Nullable HubClient hub;

  private Main(Map<String, String> environment, PrintWriter err) {
    this.environment = environment;
    this.downloads = new DownloadBar(err);
  }

  /** The client of the command line that a command belongs to. */
  static HubClient hub(CommandSpec command) {
    return ((Main) command.root().userObject()).hub();
  }

  private synchronized HubClient hub() {
    HubClient client = hub;
    if (client == null) {
      client = HubClient.builder(environment).listener(downloads).build();
      hub = client;
    }
    return client;
  }

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    RecordingOutput standardOutput = new RecordingOutput(new FileOutputStream(FileDescriptor.out));
    PrintWriter out = new PrintWriter(standardOutput, false, charset("stdout.encoding"));
    PrintWriter err = new PrintWriter(System.err, true, charset("stderr.encoding"));
    LogLines.install(err);
    int exitCode = run(args, out, err);
    out.flush();
    // Whoever closed the pipe, as head does, has read enough; anything else loses results.
    if (exitCode == 0 && standardOutput.failure().isPresent() && !standardOutput.pipeClosed()) {
      err.println("vit: cannot write to standard output: " + standardOutput.failure().get());
      exitCode = FAILURE;
    }
    err.flush();
    System.exit(exitCode);
  }

  /**
   * Runs the command line.
   *
   * @param args what follows {@code vit}
   * @param out for results
   * @param err for everything else
   * @return the exit code
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    return run(args, out, err, System.getenv());
  }

  /** With other environment variables for the hub. */
  static int run(String[] args, PrintWriter out, PrintWriter err, Map<String, String> environment) {
    Main main = new Main(environment, err);
    CommandLine commandLine =
        new CommandLine(main)
            .setOut(out)
            .setErr(err)
            .setUsageHelpWidth(HELP_WIDTH)
            .setExpandAtFiles(false)
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(
                    Boolean.getBoolean("vit4j.stdout.terminal")
                        ? CommandLine.Help.Ansi.AUTO
                        : CommandLine.Help.Ansi.OFF))
            .setParameterExceptionHandler((e, arguments) -> main.reportUsage(e))
            .setExecutionExceptionHandler((e, command, result) -> main.report(e, err));
    try {
      return commandLine.execute(args);
    } catch (Error e) {
      return main.report(e, err);
    } finally {
      main.downloads.close();
      out.flush();
      err.flush();
    }
  }

  private int reportUsage(CommandLine.ParameterException e) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .printf(
            "vit: %s; try './%s --help'%n",
            Failures.oneLine(complaint(e)), command.getCommandSpec().qualifiedName());
    if (stackTrace) {
      e.printStackTrace(command.getErr());
    }
    return WRONG_USAGE;
  }

  private static String complaint(CommandLine.ParameterException e) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      String given = unmatched.getUnmatched().getFirst();
      List<String> similar = unmatched.getSuggestions();
      return "unknown %s '%s'%s"
          .formatted(
              given.startsWith("-")
                  ? "option"
                  : e.getCommandLine().getSubcommands().isEmpty() ? "argument" : "command",
              given,
              similar.isEmpty() ? "" : " (did you mean " + String.join(" or ", similar) + "?)");
    }
    return String.valueOf(e.getMessage());
  }

  private int report(Throwable e, PrintWriter err) {
    if (e instanceof OutputClosed) {
      return 0; // main says why, unless a pipe was closed
    }
    downloads.close();
    err.println("vit: " + Failures.describe(e));
    if (stackTrace) {
      e.printStackTrace(err);
    }
    return FAILURE;
  }

  private static Charset charset(String property) {
    String name = System.getProperty(property);
    return name == null || !Charset.isSupported(name)
        ? Charset.defaultCharset()
        : Charset.forName(name);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return 0;
  }
}
