package io.github.vit4j.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorCoresTest {
  /** Processors 0 to 7 on four cores, as Linux numbers them: 0 and 4 share one, and so on. */
  @ParameterizedTest
  @CsvSource({"0-7,4", "0-3,4", "'0,4',1", "'0-1,4-5',2", "6,1", "'1,2,7',3"})
  void countsTheCoresBehindTheAllowedProcessors(String allowed, int cores, @TempDir Path directory)
      throws IOException {
    Path status = directory.resolve("status");
    Files.writeString(status, "Name:\tjava\nCpus_allowed_list:\t" + allowed + "\n");
    for (int cpu = 0; cpu < 8; cpu++) {
      Path topology = Files.createDirectories(directory.resolve("cpu" + cpu).resolve("topology"));
      Files.writeString(
          topology.resolve("thread_siblings_list"), cpu % 4 + "," + (cpu % 4 + 4) + "\n");
    }
    assertThat(ProcessorCores.physical(status, directory)).isEqualTo(cores);
  }

  @Test
  void isAtLeastOneAndAtMostWhatTheJvmSees() {
    assertThat(ProcessorCores.available()).isBetween(1, Runtime.getRuntime().availableProcessors());
    assertThat(ProcessorCores.description()).isNotBlank();
  }
}
