package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./vit} in a project of its own, with programs in place of Java and Maven that tell how
 * they were called.
 */
@Timeout(60)
class LauncherTest {
  private static final Path LAUNCHER = Path.of("../vit");

  @TempDir Path folder = Path.of("");
  private Path project = Path.of("");
  private Path java25 = Path.of("");
  private Path java17 = Path.of("");
  private Path programs = Path.of("");

  /** What a process did. */
  record Result(int exitCode, String out, String err) {}

  @BeforeEach
  void makeProject() throws IOException {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "skipped: there is no /bin/bash");
    project = Files.createDirectory(folder.resolve("my project"));
    Files.copy(LAUNCHER, project.resolve("vit"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(project.resolve("pom.xml"), "<project/>");
    Files.createDirectories(project.resolve("vit-examples/src/main/java"));
    Files.writeString(project.resolve("vit-examples/pom.xml"), "<project/>");
    Files.writeString(project.resolve("vit-examples/src/main/java/A.java"), "class A {}");
    java25 = jdk("jdk 25", "25.0.3");
    java17 = jdk("jdk 17", "17.0.15");
    programs = Files.createDirectory(folder.resolve("programs"));
    for (String name :
        new String[] {
          "bash",
          "env",
          "dirname",
          "readlink",
          "find",
          "head",
          "mkdir",
          "rm",
          "cat",
          "touch",
          "grep",
          "sed",
          "sleep",
          "date",
          "mv"
        }) {
      for (String place : new String[] {"/usr/bin/", "/bin/"}) {
        if (Files.exists(Path.of(place + name)) && !Files.exists(programs.resolve(name))) {
          Files.createSymbolicLink(programs.resolve(name), Path.of(place + name));
        }
      }
    }
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\nY=\"1\"\n");
    program(
        home.resolve("bin/java"),
        "echo \"java $0\"; echo \"in $PWD\"; for a in \"$@\"; do echo \"<$a>\"; done");
    return home;
  }

  private static void program(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.writeString(file, "#!/bin/bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void built() throws IOException {
    Path target = Files.createDirectories(project.resolve("vit-examples/target"));
    Files.writeString(target.resolve("classpath"), "lib/a.jar:lib/b.jar");
  }

  private void maven(String text) throws IOException {
    program(
        programs.resolve("mvn"), "echo \"$JAVA_HOME $*\" >>\"" + folder + "/mvn.log\"\n" + text);
  }

  private static Process start(Path directory, Map<String, String> environment, Object... command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(Arrays.stream(command).map(Object::toString).toList());
    builder.directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Result finish(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out, err);
  }

  private Map<String, String> environment(String... more) {
    Map<String, String> environment = new java.util.HashMap<>();
    environment.put("PATH", programs.toString());
    environment.put("HOME", folder.toString());
    environment.put("VIT4J_JAVA_HOME", java25.toString());
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    environment.values().removeIf(String::isEmpty);
    return environment;
  }

  private Result vit(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<Object> command = new ArrayList<>(List.of(project.resolve("vit")));
    command.addAll(List.of(arguments));
    return finish(start(folder, environment, command.toArray()));
  }

  @Test
  void runsFromAnotherDirectoryWithArgumentsAsTheyAre() throws Exception {
    built();
    Result result = vit(environment("VIT4J_JAVA_OPTS", "-Xmx1g -Da=b"), "classify", "a b.jpg", "*");
    String target = project.toRealPath().resolve("vit-examples/target").toString();
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines())
        .startsWith("java " + java25.resolve("bin/java"), "in " + folder.toRealPath())
        .contains("<-Xmx1g>", "<-Da=b>", "<--enable-native-access=ALL-UNNAMED>")
        .contains("<%1$s/vit-examples.jar:%1$s/lib/a.jar:%1$s/lib/b.jar>".formatted(target))
        .endsWith("<io.github.vit4j.cli.Main>", "<classify>", "<a b.jpg>", "<*>");
  }

  @Test
  void enginesOfTheUsersOwnComeLastOnTheClassPath() throws Exception {
    built();
    Result result = vit(environment("VIT4J_CLASSPATH", "/my engine/a.jar:classes"), "backends");
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("/lib/b.jar:/my engine/a.jar:classes>\n");
  }

  @Test
  void runsThroughSymbolicLinks() throws Exception {
    built();
    Path absolute = Files.createSymbolicLink(folder.resolve("linked"), project.resolve("vit"));
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path relative = Files.createSymbolicLink(bin.resolve("vit"), Path.of("../linked"));
    for (Path link : List.of(absolute, relative)) {
      Result result = finish(start(folder, environment(), link, "--version"));
      assertThat(result.err()).isEmpty();
      assertThat(result.out()).contains("vit-examples.jar:", "<--version>");
    }
  }

  @Test
  void anOlderJavaIsPassedOver() throws Exception {
    built();
    Files.createSymbolicLink(programs.resolve("java"), java25.resolve("bin/java"));
    Result result =
        vit(environment("VIT4J_JAVA_HOME", "", "JAVA_HOME", java17.toString()), "--version");
    assertThat(result.out()).startsWith("java " + java25.toRealPath().resolve("bin/java"));
  }

  @Test
  void aNewerJavaInTheHomeDirectoryIsFound() throws Exception {
    built();
    assumeTrue(noOtherJdk(), "skipped: this machine has a JDK 25 where it would be found first");
    Path jdks = Files.createDirectory(folder.resolve(".jdks"));
    Files.move(java25, jdks.resolve("x"));
    Result result = vit(environment("VIT4J_JAVA_HOME", ""), "--version");
    assertThat(result.out()).startsWith("java " + jdks.resolve("x/bin/java"));
  }

  private static boolean noOtherJdk() {
    return !Files.exists(Path.of("/usr/lib/jvm")) && !Files.exists(Path.of("/Library/Java"));
  }

  @Test
  void anExplicitJavaThatIsTooOldIsAnError() throws Exception {
    built();
    Result result = vit(environment("VIT4J_JAVA_HOME", java17.toString()), "--version");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err().strip())
        .isEqualTo("vit: VIT4J_JAVA_HOME=%s is not a JDK 25 or newer".formatted(java17));
  }

  @Test
  void whatIsNotBuiltIsBuiltOnceWithThatJava() throws Exception {
    maven("mkdir -p vit-examples/target; echo lib/c.jar >vit-examples/target/classpath");
    Result first = vit(environment(), "--version");
    assertThat(first.err().lines()).hasSize(1).first().asString().startsWith("vit: building ViT4J");
    assertThat(first.out()).contains("lib/c.jar>", "<--version>");
    Result second = vit(environment(), "--version");
    assertThat(second.err()).isEmpty();
    assertThat(folder.resolve("mvn.log")).content().hasLineCount(1);
    assertThat(folder.resolve("mvn.log"))
        .content()
        .startsWith(java25.toString())
        .contains("-pl vit-examples -am package");
    assertThat(project.resolve("vit-examples/target/vit.lock")).doesNotExist();
  }

  @Test
  void aNewerSourceIsBuiltAgain() throws Exception {
    built();
    maven("echo lib/c.jar >vit-examples/target/classpath");
    Files.setLastModifiedTime(
        project.resolve("vit-examples/src/main/java/A.java"),
        FileTime.from(Instant.now().minusSeconds(100)));
    Files.setLastModifiedTime(
        project.resolve("vit-examples/target/classpath"),
        FileTime.from(Instant.now().minusSeconds(200)));
    assertThat(vit(environment(), "--version").err()).contains("building");
  }

  @Test
  void withoutMavenItRunsOnceBuiltAndElseSaysWhatIsMissing() throws Exception {
    Result missing = vit(environment(), "--version");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err().lines()).hasSize(1);
    assertThat(missing.err()).contains("no Maven (mvn)");
    built();
    assertThat(vit(environment(), "--version").exitCode()).isZero();
  }

  @Test
  void aFailedBuildShowsMavensErrors() throws Exception {
    maven("echo '[INFO] much'; echo '[ERROR] A.java:[1,1] it is wrong'; echo '[ERROR] '; exit 1");
    Result result = vit(environment(), "--version");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("vit: building"),
            line -> assertThat(line).isEqualTo("A.java:[1,1] it is wrong"),
            line -> assertThat(line).startsWith("vit: the build failed"));
    assertThat(project.resolve("vit-examples/target/vit.lock")).doesNotExist();
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    maven("sleep 2; echo lib/c.jar >vit-examples/target/classpath");
    Process first = start(folder, environment(), project.resolve("vit"), "--version");
    Process second = start(folder, environment(), project.resolve("vit"), "--version");
    assertThat(finish(first).out()).contains("lib/c.jar>");
    assertThat(finish(second).out()).contains("lib/c.jar>");
    assertThat(folder.resolve("mvn.log")).content().hasLineCount(1);
  }

  @Test
  void theLockOfAKilledBuildIsTakenOver() throws Exception {
    maven("echo lib/c.jar >vit-examples/target/classpath");
    Path lock = Files.createDirectories(project.resolve("vit-examples/target/vit.lock"));
    Process gone = start(folder, environment(), "/bin/bash", "-c", "exit 0");
    gone.waitFor();
    Files.writeString(lock.resolve("pid"), Long.toString(gone.pid()));
    assertThat(vit(environment(), "--version").out()).contains("lib/c.jar>");
  }

  @Test
  void classesAreLinkedAheadOfTimeOnceForEachBuildAndJdk() throws Exception {
    built();
    String java =
        """
        for a in "$@"; do
          case $a in -XX:AOTCacheOutput=*) echo "$@" >>"%s/trained"; echo x >"${a#*=}" ;; esac
          echo "<$a>"
        done
        """
            .formatted(folder);
    program(java25.resolve("bin/java"), java);
    String cache =
        project.toRealPath().resolve("vit-examples/target/start/vit.aot").toAbsolutePath() + ">";
    assertThat(vit(environment(), "--version").out()).contains("<-XX:AOTCache=" + cache);
    Result second = vit(environment("VIT4J_CLASSPATH", "mine.jar"), "--version");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).contains("<-XX:AOTCache=" + cache, ":mine.jar>");
    assertThat(folder.resolve("trained")).content().hasLineCount(1).contains("chelsea.png");
    // With other options the JVM could not use it, and would say so.
    assertThat(vit(environment("VIT4J_JAVA_OPTS", "-Xmx1g"), "--version").out())
        .doesNotContain("AOTCache");
    Path other = jdk("another", "26");
    program(other.resolve("bin/java"), java);
    vit(environment("VIT4J_JAVA_HOME", other.toString()), "--version");
    assertThat(folder.resolve("trained")).content().hasLineCount(2);
  }

  @Test
  void aTrainingRunThatFailsIsNotRepeated() throws Exception {
    built();
    program(
        java25.resolve("bin/java"),
        "case $* in *AOTCacheOutput*) echo x >>\"%s/trained\"; exit 1 ;; esac; echo \"$*\""
            .formatted(folder));
    for (int run = 0; run < 2; run++) {
      Result result = vit(environment(), "--version");
      assertThat(result.exitCode()).isZero();
      assertThat(result.err()).isEmpty();
      assertThat(result.out()).contains("--version").doesNotContain("AOTCache");
    }
    assertThat(folder.resolve("trained")).content().hasLineCount(1);
  }

  @Test
  void startsTornadoVmWhereItsSdkIsNamed() throws Exception {
    built();
    Path sdk = Files.createDirectory(folder.resolve("tornado"));
    Files.writeString(sdk.resolve("tornado-argfile"), "-Dx=y");
    Result result = vit(environment("TORNADOVM_HOME", sdk.toString()), "backends");
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .contains("<@" + sdk.resolve("tornado-argfile") + ">")
        .contains("<-Dtornado.recover.bailout=False>")
        // TornadoVM's options choose another.
        .containsSubsequence("argfile>", "<-XX:-UseParallelGC>", "<-XX:+UseG1GC>");
    assertThat(vit(environment(), "backends").out())
        .contains("<-XX:+UseG1GC>", "<-XX:-UseCountedLoopSafepoints>")
        .doesNotContain("tornado");
  }

  @Test
  void leavesTheCollectorToWhoChoosesOne() throws Exception {
    built();
    Result result = vit(environment("VIT4J_JAVA_OPTS", "-Xmx1g -XX:+UseSerialGC"), "backends");
    assertThat(result.out()).contains("<-XX:+UseSerialGC>").doesNotContain("UseG1GC");
  }

  @Test
  void fillsInTheTemplateOfAnSdkThatWasBuilt() throws Exception {
    built();
    Path sdk = Files.createDirectory(folder.resolve("tornado"));
    Files.writeString(
        sdk.resolve("tornado-argfile.template"),
        "# a comment\n-Da=${TORNADOVM_HOME}/lib\n--module-path .:${TORNADOVM_HOME}/share");
    Result result = vit(environment("TORNADOVM_HOME", sdk.toString()), "backends");
    assertThat(result.err()).isEmpty();
    Path argfile = project.resolve("vit-examples/target/tornado-argfile").toRealPath();
    assertThat(result.out()).contains("<@" + argfile + ">");
    assertThat(argfile)
        .content()
        .isEqualTo("# a comment\n-Da=%s/lib\n--module-path .:%s/share\n".formatted(sdk, sdk));
  }

  @Test
  void refusesWhatIsNoSdkOfTornadoVm() throws Exception {
    built();
    Path none = folder.resolve("none");
    Result missing = vit(environment("TORNADOVM_HOME", none.toString()), "backends");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err())
        .isEqualTo(
            "vit: TORNADOVM_HOME=%s holds no tornado-argfile; set it to the directory of a TornadoVM SDK, or unset it\n"
                .formatted(none));
    Result spaced = vit(environment("TORNADOVM_HOME", project.toString()), "backends");
    assertThat(spaced.exitCode()).isEqualTo(1);
    assertThat(spaced.err()).contains("space").hasLineCount(1);
  }
}
