package io.github.vit4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.FakeBackend;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTModel;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sources are numbers, and a picture's level is its source, so that results tell which it was. */
@Timeout(30)
class ImageStreamTest {
  private static final ViTConfig CONFIG =
      ViTConfig.builder()
          .hiddenSize(8)
          .numHiddenLayers(1)
          .numAttentionHeads(2)
          .intermediateSize(16)
          .imageSize(8)
          .patchSize(4)
          .labels(List.of("cat", "dog", "bird"))
          .build();
  private static final ViTImageProcessor PROCESSOR = ViTImageProcessor.builder().size(8, 8).build();
  private static final StreamOptions SMALL = new StreamOptions(3, 2, 2);

  /** The bound that is documented, for {@link #SMALL}: 2 callers, 1 that is read, 1 handed out. */
  private static final int MOST_UNDER_WAY = (2 + 1 + 1) * 3;

  private static ImageClassificationPipeline classifier(Consumer<ViTInputs> beforeRun) {
    return new ImageClassificationPipeline(
        ViTForImageClassification.fromConfig(CONFIG, 1, options(beforeRun)), PROCESSOR);
  }

  private static LoadOptions options(Consumer<ViTInputs> beforeRun) {
    return LoadOptions.defaults()
        .withRegistry(BackendRegistry.of(List.of(new Watched(FakeBackend.onCpu(), beforeRun))));
  }

  private static RgbImage picture(int source) {
    byte[] levels = new byte[3 * 8 * 8];
    Arrays.fill(levels, (byte) source);
    return RgbImage.of(8, 8, levels);
  }

  private static List<List<Classification>> oneByOne(
      ImageClassificationPipeline pipeline, int sources) {
    return IntStream.range(0, sources).mapToObj(i -> pipeline.classify(picture(i))).toList();
  }

  private static Stream<Integer> numbers() {
    return Stream.iterate(0, i -> i + 1);
  }

  @AfterEach
  void noThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("vit4j-reader") || name.startsWith("vit4j-caller"));
  }

  @Test
  void givesWhatOneByOneGivesInTheOrderOfTheSources() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      for (StreamOptions options :
          List.of(
              SMALL,
              StreamOptions.defaults(),
              new StreamOptions(1, 1, 1),
              new StreamOptions(7, 3, 16),
              new StreamOptions(100, 5, 1))) {
        for (int count : new int[] {0, 1, 2, 3, 50}) {
          List<ImageResult<Integer, List<Classification>>> results;
          try (var stream =
              pipeline.classifyAll(numbers().limit(count), ImageStreamTest::picture, 5, options)) {
            results = stream.toList();
          }
          assertThat(results)
              .extracting(ImageResult::source)
              .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
          assertThat(results)
              .extracting(ImageResult::valueOrThrow)
              .containsExactlyElementsOf(oneByOne(pipeline, count));
        }
      }
    }
  }

  @Test
  void featuresAreThoseOfOneByOne() {
    try (var pipeline =
        new ImageFeatureExtractionPipeline(
            ViTModel.fromConfig(CONFIG, 1, options(inputs -> {})), PROCESSOR)) {
      for (Pooling pooling : Pooling.values()) {
        try (Stream<ImageResult<Integer, Tensor>> results =
            pipeline.extractAll(numbers().limit(10), ImageStreamTest::picture, pooling, SMALL)) {
          results.forEach(
              result -> {
                Tensor alone =
                    pipeline.extract(List.of(picture(result.source())), pooling).slice(0);
                assertThat(result.valueOrThrow().shape()).isEqualTo(alone.shape());
                assertThat(result.valueOrThrow().toFloatArray()).isEqualTo(alone.toFloatArray());
              });
        }
      }
    }
  }

  @Test
  void aPictureThatCannotBeReadOrDoesNotFitIsAResultOfItsOwn() {
    ViTImageProcessor asItIs = ViTImageProcessor.builder().doResize(false).build();
    try (var pipeline =
        new ImageClassificationPipeline(
            ViTForImageClassification.fromConfig(CONFIG, 1, options(inputs -> {})), asItIs)) {
      List<ImageResult<Integer, List<Classification>>> results;
      try (var stream =
          pipeline.classifyAll(
              numbers().limit(20),
              i -> {
                if (i % 5 == 1 || (i >= 6 && i <= 8)) {
                  throw new ImageException("picture " + i + " is damaged");
                }
                return i == 12 ? RgbImage.of(4, 4, new byte[3 * 4 * 4]) : picture(i);
              },
              5,
              SMALL)) {
        results = stream.toList();
      }
      assertThat(results).hasSize(20);
      for (ImageResult<Integer, List<Classification>> result : results) {
        int i = result.source();
        if (i % 5 == 1 || (i >= 6 && i <= 8)) {
          assertThat(result.error()).hasMessage("picture " + i + " is damaged");
          assertThat(result.value()).isNull();
          assertThatThrownBy(result::valueOrThrow).isSameAs(result.error());
        } else if (i == 12) {
          assertThat(result.error()).isInstanceOf(InvalidInputException.class);
          assertThatThrownBy(() -> pipeline.classify(RgbImage.of(4, 4, new byte[48])))
              .hasMessage(
                  String.valueOf(java.util.Objects.requireNonNull(result.error()).getMessage()));
        } else {
          assertThat(result.valueOrThrow()).isEqualTo(pipeline.classify(picture(i)));
        }
      }
    }
  }

  @Test
  void missingFilesAreReportedInTheirPlace() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var results = pipeline.classifyAll(Stream.of(Path.of("no-such-photo.jpg")), 5, SMALL)) {
      assertThat(results)
          .singleElement()
          .satisfies(
              result -> {
                assertThat(result.source()).isEqualTo(Path.of("no-such-photo.jpg"));
                assertThat(result.error()).hasMessageContaining("there is no such file");
              });
    }
  }

  @Test
  void neverTakesMoreSourcesThanItSaysHoweverSlowTheirResultsAreUsed() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var results =
            pipeline.classifyAll(
                numbers().peek(i -> taken.incrementAndGet()), i -> picture(i), 1, SMALL)) {
      assertThat(taken).hasValue(0); // nothing is asked for yet
      Iterator<ImageResult<Integer, List<Classification>>> iterator = results.iterator();
      int most = 0;
      for (int used = 1; used <= 40; used++) {
        assertThat(iterator.next().source()).isEqualTo(used - 1);
        Thread.sleep(used % 10 == 0 ? 50 : 1); // they have time to run away
        assertThat(taken.get()).isLessThanOrEqualTo(used + MOST_UNDER_WAY);
        most = Math.max(most, taken.get() - used);
      }
      assertThat(most).isGreaterThanOrEqualTo(MOST_UNDER_WAY / 2); // they do work ahead
    }
  }

  @Test
  void memoryOfPixelValuesIsUsedAgain() {
    java.util.Set<Long> addresses = java.util.concurrent.ConcurrentHashMap.newKeySet();
    try (ImageClassificationPipeline pipeline =
            classifier(inputs -> addresses.add(inputs.pixelValues().data().address()));
        var results =
            pipeline.classifyAll(numbers().limit(300), ImageStreamTest::picture, 1, SMALL)) {
      assertThat(results.count()).isEqualTo(300);
    }
    assertThat(addresses.size()).isLessThanOrEqualTo(MOST_UNDER_WAY / 3);
  }

  @Test
  void callersRunSideBySide() {
    CountDownLatch both = new CountDownLatch(2);
    try (ImageClassificationPipeline pipeline =
            classifier(
                inputs -> {
                  both.countDown();
                  await(both); // would wait for ever if runs were one after the other
                });
        var results =
            pipeline.classifyAll(numbers().limit(6), ImageStreamTest::picture, 1, SMALL)) {
      assertThat(results.count()).isEqualTo(6);
    }
  }

  @Test
  void anEngineThatFailsEndsTheStreamBehindTheResultsBefore() {
    try (ImageClassificationPipeline pipeline = classifier(failingAt(7, "out of memory"))) {
      List<Integer> seen = new ArrayList<>();
      try (var results = pipeline.classifyAll(numbers(), ImageStreamTest::picture, 1, SMALL)) {
        assertThatThrownBy(() -> results.forEach(result -> seen.add(result.source())))
            .isInstanceOf(BackendException.class)
            .hasMessage("out of memory");
      }
      assertThat(seen).containsExactly(0, 1, 2, 3, 4, 5); // two batches of three
    }
  }

  private static Consumer<ViTInputs> failingAt(int source, String message) {
    float level = (source / 255f - 0.5f) / 0.5f;
    return inputs -> {
      for (int i = 0; i < inputs.batchSize(); i++) {
        if (Math.abs(inputs.pixelValues().slice(i).getFloat(0) - level) < 1e-3) {
          throw new BackendException(message);
        }
      }
    };
  }

  @Test
  void sourcesThatThrowEndTheStreamBehindTheResultsBefore() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      List<Integer> seen = new ArrayList<>();
      Stream<Integer> sources =
          numbers()
              .peek(
                  i -> {
                    if (i == 10) {
                      throw new IllegalStateException("the disk is gone");
                    }
                  });
      try (var results = pipeline.classifyAll(sources, ImageStreamTest::picture, 1, SMALL)) {
        assertThatThrownBy(() -> results.forEach(result -> seen.add(result.source())))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the disk is gone");
      }
      assertThat(seen).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }

  @Test
  void aReaderThatThrowsWhatIsNoPicturesFaultEndsTheStream() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      List<Integer> seen = new ArrayList<>();
      try (var results =
          pipeline.classifyAll(
              numbers(),
              i -> {
                if (i == 4) {
                  throw new OutOfMemoryError("Java heap space");
                }
                return picture(i);
              },
              1,
              SMALL)) {
        assertThatThrownBy(() -> results.forEach(result -> seen.add(result.source())))
            .isInstanceOf(OutOfMemoryError.class);
      }
      assertThat(seen).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void nullSourcesAndNullPicturesAreMistakes() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      try (var results =
          pipeline.classifyAll(
              Arrays.<Integer>asList(1, null).stream(), ImageStreamTest::picture, 1, SMALL)) {
        assertThatThrownBy(results::toList).isInstanceOf(NullPointerException.class);
      }
      assertThatThrownBy(() -> pipeline.classifyAll(numbers(), ImageStreamTest::picture, 0, SMALL))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void closingInTheMiddleEndsThreadsAndClosesTheSources() {
    AtomicBoolean sourcesClosed = new AtomicBoolean();
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      var results =
          pipeline.classifyAll(
              numbers().onClose(() -> sourcesClosed.set(true)), ImageStreamTest::picture, 1, SMALL);
      Iterator<ImageResult<Integer, List<Classification>>> iterator = results.iterator();
      assertThat(iterator.next().source()).isZero();
      results.close();
      assertThat(sourcesClosed).isTrue();
      noThreadIsLeft();
      assertThatThrownBy(iterator::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      results.close();
      assertThat(pipeline.classify(picture(1))).hasSize(3); // the pipeline stays open
    }
  }

  @Test
  void closingWithoutPullingDoesNothing() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      pipeline.classifyAll(numbers(), ImageStreamTest::picture, 1, SMALL).close();
    }
  }

  @Test
  void closingWakesReadersThatWaitForSources() throws Exception {
    BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(10);
    for (int i = 0; i < 4; i++) {
      queue.put(i);
    }
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var results =
            pipeline.classifyAll(
                Stream.generate(() -> poll(queue)), ImageStreamTest::picture, 1, SMALL)) {
      Iterator<ImageResult<Integer, List<Classification>>> iterator = results.iterator();
      // The first batch of three comes while the source of the fifth picture is waited for.
      assertThat(IntStream.range(0, 3).mapToObj(i -> iterator.next().source()))
          .containsExactly(0, 1, 2);
    }
  }

  private static Integer poll(BlockingQueue<Integer> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted");
    }
  }

  @Test
  void anInterruptEndsTheStreamAndIsKept() throws Exception {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    AtomicBoolean kept = new AtomicBoolean();
    BlockingQueue<Integer> empty = new ArrayBlockingQueue<>(1);
    CountDownLatch pulling = new CountDownLatch(1);
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {})) {
      Thread consumer =
          new Thread(
              () -> {
                try (var results =
                    pipeline.classifyAll(
                        Stream.generate(
                            () -> {
                              pulling.countDown();
                              return poll(empty);
                            }),
                        ImageStreamTest::picture,
                        1,
                        SMALL)) {
                  results.forEach(result -> {});
                } catch (Throwable e) {
                  thrown.set(e);
                }
                kept.set(Thread.currentThread().isInterrupted());
              });
      consumer.start();
      pulling.await();
      consumer.interrupt();
      consumer.join();
    }
    assertThat(thrown.get()).isInstanceOf(CancellationException.class);
    assertThat(kept).isTrue();
  }

  @Test
  void closingFromAnotherThreadEndsTheWait() throws Exception {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    BlockingQueue<Integer> empty = new ArrayBlockingQueue<>(1);
    CountDownLatch pulling = new CountDownLatch(1);
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var results =
            pipeline.classifyAll(
                Stream.generate(
                    () -> {
                      pulling.countDown();
                      return poll(empty);
                    }),
                ImageStreamTest::picture,
                1,
                SMALL)) {
      Iterator<ImageResult<Integer, List<Classification>>> iterator = results.iterator();
      Thread consumer =
          new Thread(
              () -> {
                try {
                  iterator.next();
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
      consumer.start();
      pulling.await();
      Thread closer = new Thread(results::close);
      closer.start();
      closer.join();
      consumer.join();
    }
    assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aPipelineThatIsClosedMeanwhileEndsTheStream() {
    ImageClassificationPipeline pipeline = classifier(inputs -> {});
    try (var results = pipeline.classifyAll(numbers(), ImageStreamTest::picture, 1, SMALL)) {
      assertThatThrownBy(
              () ->
                  results.forEach(
                      result -> {
                        if (result.source() == 5) {
                          pipeline.close();
                        }
                      }))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void twoStreamsShareAPipeline() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var one = pipeline.classifyAll(numbers(), ImageStreamTest::picture, 5, SMALL);
        var other = pipeline.classifyAll(numbers(), i -> picture(i + 100), 5, SMALL)) {
      Iterator<ImageResult<Integer, List<Classification>>> first = one.iterator();
      Iterator<ImageResult<Integer, List<Classification>>> second = other.iterator();
      for (int i = 0; i < 50; i++) {
        assertThat(first.next().value()).isEqualTo(pipeline.classify(picture(i)));
        assertThat(second.next().value()).isEqualTo(pipeline.classify(picture(i + 100)));
      }
    }
  }

  @Test
  void whatTheConsumerThrowsPassesThrough() {
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var results = pipeline.classifyAll(numbers(), ImageStreamTest::picture, 1, SMALL)) {
      assertThatThrownBy(
              () ->
                  results.forEach(
                      result -> {
                        throw new UnsupportedOperationException("enough");
                      }))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("enough");
    }
  }

  @Test
  void aParallelStreamReadsNoFurtherAhead() {
    AtomicInteger taken = new AtomicInteger();
    try (ImageClassificationPipeline pipeline = classifier(inputs -> {});
        var results =
            pipeline.classifyAll(
                numbers().peek(i -> taken.incrementAndGet()), ImageStreamTest::picture, 1, SMALL)) {
      assertThat(results.parallel().limit(3).count()).isEqualTo(3);
      assertThat(taken.get()).isLessThanOrEqualTo(3 + 1 + MOST_UNDER_WAY);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted");
    }
  }

  /** A backend whose runs are watched, or made to fail. */
  private record Watched(BackendProvider delegate, Consumer<ViTInputs> beforeRun)
      implements BackendProvider {
    @Override
    public String name() {
      return delegate.name();
    }

    @Override
    public Availability availability() {
      return delegate.availability();
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      ViTSession session = delegate.open(model, options);
      return new ViTSession() {
        @Override
        public ViTOutputs run(ViTInputs inputs) {
          beforeRun.accept(inputs);
          return session.run(inputs);
        }

        @Override
        public SessionInfo info() {
          return session.info();
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }
  }
}
