package io.github.vit4j.jmh;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Decoding, normalising, both with resizing between them, and batches over cores. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PreprocessingBenchmark {
  private static final ViTImageProcessor PROCESSOR = ViTImageProcessor.builder().build();

  /** What decodes JPEG. */
  @State(Scope.Benchmark)
  public static class Decoder {
    /** Its name. */
    @Param({"imageio", "turbojpeg", "opencv"})
    public String decoder = "";

    ImageReader reader = ImageReader.create();

    /** Looks it up. */
    @Setup
    public void find() {
      reader = ImageReader.create().withDecoder(decoder);
    }
  }

  /** A batch and how many threads it is for. */
  @State(Scope.Benchmark)
  public static class Batch {
    /** Threads. */
    @Param({"1", "2", "4"})
    public int threads;

    ForkJoinPool pool = new ForkJoinPool(1);
    List<Path> files = List.of();

    /** Writes the file that is read eight times. */
    @Setup
    public void write(Photo photo) throws IOException {
      pool.close();
      pool = new ForkJoinPool(threads);
      Path file = Files.createTempFile("vit4j-benchmark", ".jpg");
      files = Collections.nCopies(8, Files.write(file, photo.jpeg));
    }

    /** Takes the file away. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
      pool.close();
      Files.delete(files.getFirst());
    }
  }

  /** File to RGB. */
  @Benchmark
  public RgbImage decode(Photo photo, Decoder decoder) {
    return decoder.reader.read(photo.jpeg);
  }

  /** Pixels of 224x224, which need no resizing, to pixel values. */
  @Benchmark
  public float normalise(Small small) {
    return pixelValues(small.image);
  }

  /** A picture of the model's size. */
  @State(Scope.Benchmark)
  public static class Small {
    final RgbImage image = RgbImage.of(224, 224, new byte[3 * 224 * 224]);
  }

  /** File to pixel values. */
  @Benchmark
  public float whole(Photo photo, Decoder decoder) {
    return pixelValues(decoder.reader.read(photo.jpeg));
  }

  /** Eight files to pixel values. */
  @Benchmark
  public float files(Photo photo, Batch batch) {
    try (Arena arena = Arena.ofShared()) {
      return batch
          .pool
          .submit(() -> PROCESSOR.preprocessFiles(arena, ImageReader.create(), batch.files))
          .join()
          .dimension(0);
    }
  }

  private static float pixelValues(RgbImage image) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor pixelValues = PROCESSOR.preprocess(arena, List.of(image));
      return pixelValues.dimension(2);
    }
  }
}
