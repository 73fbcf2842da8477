package io.github.vit4j.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs in place of Python that answer, complain and end. */
@Timeout(60)
class PythonWorkerTest {
  @TempDir Path folder = Path.of("");

  @BeforeEach
  void needsAShell() {
    assumeTrue(Files.exists(Path.of("/bin/sh")), "skipped: there is no /bin/sh");
  }

  private PythonWorker worker(String script) throws IOException {
    Path program = Files.writeString(folder.resolve("program"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return PythonWorker.start(program.toString(), 2, folder);
  }

  @Test
  void asksAndIsAnswered() throws IOException {
    try (PythonWorker worker =
        worker(
            "while read line; do echo \"$line\" >>\"%s/asked\"; echo '{\"seconds\": 0.5}'; done"
                .formatted(folder))) {
      assertThat(worker.ask("run", r -> r.put("batch", 8)).get("seconds").doubleValue())
          .isEqualTo(0.5);
      worker.ask("hello", r -> {});
    }
    assertThat(folder.resolve("asked"))
        .content()
        .isEqualTo("{\"do\":\"run\",\"batch\":8}\n{\"do\":\"hello\"}\n");
    assertThat(folder.resolve("worker.py")).content().contains("def main():");
  }

  @Test
  void anErrorOfPythonsIsTold() throws IOException {
    try (PythonWorker worker =
        worker("read line; echo '{\"error\": \"No module named torch\"}'; read line")) {
      assertThatThrownBy(() -> worker.ask("hello", r -> {}))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("No module named torch");
    }
  }

  @Test
  void anEndIsToldWithTheLastWords() throws IOException {
    try (PythonWorker worker = worker("read line; echo 'Killed: too much memory' >&2; exit 1")) {
      assertThatThrownBy(() -> worker.ask("hello", r -> {}))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("too much memory");
    }
  }

  @Test
  void aProgramThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> PythonWorker.start("/no/such/python", 1, folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("/no/such/python");
  }
}
