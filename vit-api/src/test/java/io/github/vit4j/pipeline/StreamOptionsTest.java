package io.github.vit4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.spi.SessionInfo;
import org.junit.jupiter.api.Test;

class StreamOptionsTest {
  private static SessionInfo session(int threads) {
    return new SessionInfo("fake", "1.0", "cpu", Precision.FP32, threads);
  }

  @Test
  void callersTimesThreadsAreTheCores() {
    int cores = ProcessorCores.available();
    StreamOptions options = StreamOptions.defaults();
    assertThat(options.resolve(session(1)).callers()).isEqualTo(cores);
    assertThat(options.resolve(session(cores)).callers()).isEqualTo(1);
    assertThat(options.resolve(session(2 * cores)).callers()).isEqualTo(1);
    assertThat(options.resolve(session(0)).callers()).isEqualTo(2); // a GPU
    assertThat(options.resolve(session(1)).readers()).isEqualTo(cores);
  }

  @Test
  void whatIsGivenIsKept() {
    StreamOptions options = StreamOptions.defaults().withBatchSize(5).withCallers(3).withReaders(7);
    assertThat(options).isEqualTo(new StreamOptions(5, 3, 7));
    assertThat(options.resolve(session(1))).isEqualTo(options);
    assertThat(options.batchesUnderWay()).isEqualTo(3 + 2 + 1);
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    assertThatThrownBy(() -> new StreamOptions(0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchSize must be from 1 to 65536, got 0");
    assertThatThrownBy(() -> StreamOptions.defaults().withCallers(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> StreamOptions.defaults().withReaders(1025))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
