package io.github.vit4j.jmh;

import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Resizing to 224x224 on one thread, in plain Java and on the Vector API. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResizeBenchmark {
  /** Pillow's filter. */
  @Param public Resampling resampling = Resampling.BILINEAR;

  /** Without the Vector API. */
  @Benchmark
  @Fork(value = 1, jvmArgsAppend = "-Dvit4j.vector=off")
  public RgbImage plain(Photo photo) {
    return Resampler.resize(photo.image, 224, 224, resampling);
  }

  /** With it. */
  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Dvit4j.vector=on"})
  public RgbImage vector(Photo photo) {
    return Resampler.resize(photo.image, 224, 224, resampling);
  }
}
