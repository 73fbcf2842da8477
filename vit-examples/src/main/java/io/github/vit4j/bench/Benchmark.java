package io.github.vit4j.bench;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.bench.Measurement.Section;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import io.github.vit4j.pipeline.ImageResult;
import io.github.vit4j.pipeline.StreamOptions;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measures everything in turns, A B C A B C, so that whatever else the machine does meets all of
 * them; ratios are of neighbours within a turn.
 */
public final class Benchmark {
  private static final int WARM_UP_TURNS = 2;
  private static final int FEWEST_TURNS = 3;
  private static final int GEMM_SIZE = 2048;
  private static final int PHOTO_BATCH = 8;

  /** The threads of the one before still wait busily for more work. */
  private static final int PAUSE_MILLIS = 50;

  /** Of what the machine has, as Python tells it where torch finds one. */
  private static final String GPU = "GPU";

  private final BenchSettings settings;
  private final Consumer<String> progress;
  private final ViTConfig config;
  private final Map<Integer, Tensor> inputs = new HashMap<>();
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, String> machine;

  private Benchmark(BenchSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    this.config = settings.files().config();
    this.machine = Machine.describe();
    if (config.numLabels() == 0) {
      throw new InvalidInputException(
          "%s has no labels; bench measures classifiers, give another --model"
              .formatted(settings.files().name()));
    }
  }

  /**
   * Measures.
   *
   * @param progress is told what is done now, a line each time
   * @throws ViTException if the model cannot be read, or if nothing can be measured
   */
  public static BenchResult run(BenchSettings settings, Consumer<String> progress) {
    try {
      Path folder = Files.createTempDirectory("vit-bench");
      // It may hold a copy of the model, which an interrupt from the keyboard must not leave there.
      Thread cleaner = new Thread(() -> delete(folder));
      Runtime.getRuntime().addShutdownHook(cleaner);
      try {
        return new Benchmark(settings, progress).measure(folder);
      } finally {
        delete(folder);
        Runtime.getRuntime().removeShutdownHook(cleaner);
      }
    } catch (IOException e) {
      throw new BackendException("cannot write temporary files: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // a temporary folder, which the system clears
    }
  }

  private BenchResult measure(Path folder) throws IOException {
    @Nullable PythonWorker worker =
        settings.python().isPresent()
            ? PythonWorker.start(settings.python().get(), settings.pythonThreads(), folder)
            : null;
    try {
      String pythonModel = "";
      if (worker != null) {
        progress.accept("starting Python");
        worker
            .ask("hello", request -> {})
            .get("versions")
            .properties()
            .forEach(version -> machine.put(version.getKey(), version.getValue().stringValue()));
        pythonModel = pythonModel(folder);
      } else {
        notes.add(
            "no comparison and no share of the processor's sgemm rate: --against PYTHON gives both");
      }
      if (settings.starts()) {
        measureStarts(folder, pythonModel);
      }
      measureRuns(folder, worker, pythonModel);
      if (!settings.photos().isEmpty()) {
        measurePreprocessing(worker, pythonModel);
        measureLabels(worker, pythonModel);
      }
    } finally {
      if (worker != null) {
        worker.close();
      }
    }
    return new BenchResult(
        machine, measurements, Targets.of(config, measurements, settings.photos().size()), notes);
  }

  /** Python reads directories only. */
  private String pythonModel(Path folder) {
    if (Files.isDirectory(Path.of(settings.model()))) {
      return settings.model();
    }
    Path directory = folder.resolve("model");
    Subject subject = settings.subjects().getFirst();
    try (ViTForImageClassification model = open(subject, 1)) {
      model.savePretrained(directory);
    }
    ViTImageProcessor.fromPretrained(settings.files()).savePretrained(directory);
    return directory.toString();
  }

  private static LoadOptions options(Subject subject, int threads) {
    return LoadOptions.defaults()
        .withBackend(subject.provider().name())
        .withDevice(subject.device())
        .withPrecision(subject.precision())
        .withThreads(threads);
  }

  private ViTForImageClassification open(Subject subject, int threads) {
    return ViTForImageClassification.fromPretrained(settings.files(), options(subject, threads));
  }

  // --- The model on tensors ---

  private void measureRuns(Path folder, @Nullable PythonWorker worker, String pythonModel)
      throws IOException {
    List<Contestant> contestants = new ArrayList<>();
    try {
      for (Subject subject : settings.subjects()) {
        for (int threads : settings.threads()) {
          for (int callers : settings.callers()) {
            progress.accept("loading " + subject);
            attempt(
                subject.toString(),
                () ->
                    contestants.add(
                        new OurContestant(open(subject, threads), callers, this::inputs)));
          }
        }
      }
      if (contestants.isEmpty()) {
        throw new BackendException("nothing to measure: " + String.join("; ", notes));
      }
      Optional<Contestant> reference = Optional.empty();
      if (worker != null) {
        reference = Optional.of(openPython(folder, worker, pythonModel, contestants));
      }
      Map<String, Map<Contestant, double[]>> times = new LinkedHashMap<>();
      double[] gemm = turns(contestants, times, worker);
      report(contestants, reference, times, gemm);
    } finally {
      contestants.forEach(Contestant::close);
    }
  }

  private void attempt(String what, Runnable action) {
    try {
      action.run();
    } catch (ViTException e) {
      notes.add("left out: %s: %s".formatted(what, OneLine.of(e)));
    }
  }

  private Contestant openPython(
      Path folder, PythonWorker worker, String model, List<Contestant> contestants)
      throws IOException {
    Path file = folder.resolve("pixel_values");
    Tensor largest = inputs(settings.largestBatch());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(largest.data().asByteBuffer());
    }
    worker.ask(
        "inputs",
        request -> {
          ArrayNode shape = request.put("file", file.toString()).putArray("shape");
          for (long size : largest.shape()) {
            shape.add(size);
          }
        });
    int threads = settings.pythonThreads();
    progress.accept("loading transformers");
    Contestant reference =
        PythonContestant.open(worker, "eager", "transformers", "float32", threads, model);
    contestants.add(reference);
    record Other(String id, String name, String precision) {
      String what() {
        String place = id.equals(PythonContestant.CUDA) ? " on the GPU" : "";
        return name + place + " in " + precision;
      }
    }
    List<Other> others = new ArrayList<>();
    others.add(new Other("eager", "transformers", "bfloat16"));
    others.add(new Other("compile", "transformers, torch.compile", "float32"));
    others.add(new Other("onnxruntime", "onnxruntime's Python", "float32"));
    if (machine.containsKey(GPU)) {
      for (String precision : List.of("float32", "float16", "bfloat16")) {
        others.add(new Other(PythonContestant.CUDA, "transformers", precision));
      }
    }
    for (Other other : others) {
      attempt(
          other.what(),
          () -> {
            progress.accept("loading " + other.what());
            Contestant contestant =
                PythonContestant.open(
                    worker, other.id(), other.name(), other.precision(), threads, model);
            for (int batch : settings.batches()) { // torch.compile compiles now, and may fail
              contestant.turn(batch, 0);
            }
            contestants.add(contestant);
          });
    }
    float[] expected = reference.logits(1);
    for (Contestant contestant : contestants) {
      notes.add(
          "%s on %s in %s: logits differ from transformers' in float32 by %.1e of the largest"
              .formatted(
                  contestant.engine(),
                  contestant.device(),
                  contestant.precision(),
                  difference(contestant.logits(1), expected)));
    }
    return reference;
  }

  private static double difference(float[] actual, float[] expected) {
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      // Not Math.max, which a NaN would have to win against.
      double difference = Math.abs((double) actual[i] - expected[i]);
      worst = difference <= worst ? worst : difference;
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return worst / largest;
  }

  private static String key(int batch) {
    return String.valueOf(batch);
  }

  /** Fills {@code times}; returns the rates of sgemm, one a turn, none without Python. */
  private double[] turns(
      List<Contestant> contestants,
      Map<String, Map<Contestant, double[]>> times,
      @Nullable PythonWorker worker) {
    for (int batch : settings.batches()) {
      Map<Contestant, double[]> ofBatch = new HashMap<>();
      contestants.forEach(contestant -> ofBatch.put(contestant, new double[settings.turns()]));
      times.put(key(batch), ofBatch);
    }
    double[] gemm = new double[worker == null ? 0 : settings.turns()];
    for (int turn = -WARM_UP_TURNS; turn < settings.turns(); turn++) {
      progress.accept(
          turn < 0 ? "warming up" : "turn %d of %d".formatted(turn + 1, settings.turns()));
      for (int batch : settings.batches()) {
        for (Contestant contestant : contestants) {
          pause();
          double seconds = contestant.turn(batch, settings.seconds());
          if (turn >= 0) {
            values(times.get(key(batch)), contestant)[turn] = seconds;
          }
        }
      }
      if (worker != null && turn >= 0) {
        pause();
        gemm[turn] =
            worker
                .ask(
                    "gemm",
                    request -> request.put("size", GEMM_SIZE).put("seconds", settings.seconds()))
                .get("flops")
                .doubleValue();
      }
    }
    return gemm;
  }

  private static double[] values(@Nullable Map<Contestant, double[]> times, Contestant contestant) {
    double[] values = times == null ? null : times.get(contestant);
    if (values == null) {
      throw new IllegalStateException("not measured");
    }
    return values;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while measuring", e);
    }
  }

  private void report(
      List<Contestant> contestants,
      Optional<Contestant> reference,
      Map<String, Map<Contestant, double[]>> times,
      double[] gemm) {
    double flops = Flops.ofForward(config);
    if (gemm.length > 0) {
      notes.add(
          "torch multiplies float32 matrices of %d at %.0f GFLOP/s here (median of this run); a picture takes %.2f GFLOP"
              .formatted(GEMM_SIZE, Samples.of(gemm).median() / 1e9, flops / 1e9));
    }
    times.forEach(
        (batch, ofBatch) -> {
          for (Contestant contestant : contestants) {
            Samples seconds = Samples.of(values(ofBatch, contestant));
            Map<String, Double> more = new LinkedHashMap<>();
            double perSecond = Integer.parseInt(batch) / seconds.median();
            more.put("images/s", perSecond);
            if (gemm.length > 0
                && contestant.precision().equals("float32")
                && !contestant.device().equals(PythonContestant.CUDA)) {
              more.put("% of sgemm", 100 * flops * perSecond / Samples.of(gemm).median());
            }
            Map<String, String> what = new LinkedHashMap<>();
            what.put("engine", contestant.engine());
            what.put("device", contestant.device());
            what.put("precision", contestant.precision());
            what.put("batch", batch);
            what.put("threads", String.valueOf(contestant.threads()));
            what.put("callers", String.valueOf(contestant.callers()));
            measurements.add(
                new Measurement(
                    Section.RUNS,
                    contestant.isOurs(),
                    what,
                    seconds,
                    reference
                        .map(other -> seconds.over(Samples.of(values(ofBatch, other))))
                        .orElse(null),
                    more));
          }
        });
  }

  /** Seeded pixel values of a batch size, all of them beginnings of one sequence. */
  private Tensor inputs(int batch) {
    synchronized (inputs) {
      return inputs.computeIfAbsent(batch, this::random);
    }
  }

  private Tensor random(int batch) {
    Tensor pixels =
        Tensor.allocate(
            ElementType.FLOAT32,
            batch,
            config.numChannels(),
            config.imageSize().height(),
            config.imageSize().width());
    Random random = new Random(0);
    for (long i = 0; i < Tensor.elementCount(pixels.shape()); i++) {
      pixels.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return pixels;
  }

  // --- Starts ---

  private int fewTurns() {
    return Math.min(FEWEST_TURNS, settings.turns());
  }

  private void measureStarts(Path folder, String pythonModel) {
    List<Side> loads = new ArrayList<>();
    for (Subject subject : settings.subjects()) {
      List<String> command =
          ChildProcess.java(
              StartProbe.class,
              List.of(
                  settings.model(),
                  subject.provider().name(),
                  subject.device(),
                  subject.precision().toString(),
                  "0"));
      loads.add(probe(subject.provider().name(), subject, command, folder));
    }
    settings
        .python()
        .ifPresent(
            python ->
                loads.add(
                    new Side(
                        "transformers",
                        "cpu",
                        "float32",
                        false,
                        PythonWorker.command(
                            python,
                            settings.pythonThreads(),
                            folder,
                            List.of("start", pythonModel)),
                        folder)));
    compare(Section.STARTS, loads, fewTurns());

    if (settings.launcher().isEmpty()) {
      notes.add("left out: the whole process, as this one was not started by ./vit");
    } else if (settings.photos().isEmpty()) {
      notes.add("left out: the whole process, as there is no photo");
    } else {
      String photo = settings.photos().getFirst().toString();
      List<Side> sides = new ArrayList<>();
      sides.add(
          new Side(
              "./vit classify",
              "auto",
              "float32",
              true,
              List.of(
                  settings.launcher().get().toString(),
                  "classify",
                  "--model",
                  settings.model(),
                  photo),
              folder));
      settings
          .python()
          .ifPresent(
              python ->
                  sides.add(
                      new Side(
                          "transformers' pipeline",
                          "cpu",
                          "float32",
                          false,
                          PythonWorker.command(
                              python,
                              settings.pythonThreads(),
                              folder,
                              List.of("classify", pythonModel, photo)),
                          folder)));
      compare(Section.PROCESS, sides, fewTurns());
    }
  }

  private static Side probe(String engine, Subject subject, List<String> command, Path folder) {
    return new Side(
        engine, subject.device(), subject.precision().toString(), true, command, folder);
  }

  /** Something of which one number a turn is measured, and more at the end. */
  private static final class Side {
    final String engine;
    final String device;
    final String precision;
    final boolean isOurs;
    final DoubleSupplier measure;
    final Map<String, Double> more = new LinkedHashMap<>();

    Side(String engine, String device, String precision, boolean isOurs, DoubleSupplier measure) {
      this.engine = engine;
      this.device = device;
      this.precision = precision;
      this.isOurs = isOurs;
      this.measure = measure;
    }

    /** A process: its time, unless it prints JSON, which then says the time to its first logits. */
    Side(
        String engine,
        String device,
        String precision,
        boolean isOurs,
        List<String> command,
        Path folder) {
      this.engine = engine;
      this.device = device;
      this.precision = precision;
      this.isOurs = isOurs;
      this.measure =
          () -> {
            ChildProcess child = ChildProcess.run(command, folder);
            return child.output().startsWith("{") ? first(child.output()) : child.seconds();
          };
    }

    private double first(String json) {
      try {
        ObjectNode answer = Json.readObject(json.getBytes(StandardCharsets.UTF_8));
        double before = answer.get("residentBefore").doubleValue();
        more.put("load ms", 1e3 * answer.get("load").doubleValue());
        more.put("process ms", 1e3 * answer.get("process").doubleValue());
        more.put("engine MB", before / 1e6);
        more.put("model MB", (answer.get("residentAfter").doubleValue() - before) / 1e6);
        return answer.get("first").doubleValue();
      } catch (IOException e) {
        throw new BackendException("a measurement that cannot be read: " + json, e);
      }
    }
  }

  /** Measures all sides in turns; the one of transformers in float32 is what ratios are to. */
  private void compare(Section section, List<Side> sides, int turns) {
    List<Side> left = new ArrayList<>(sides);
    Map<Side, double[]> times = new HashMap<>();
    sides.forEach(side -> times.put(side, new double[turns]));
    for (int turn = -1; turn < turns; turn++) {
      progress.accept(
          turn < 0
              ? "%s: warming up".formatted(section.title())
              : "%s: turn %d of %d".formatted(section.title(), turn + 1, turns));
      for (Side side : sides) {
        if (!left.contains(side)) {
          continue;
        }
        pause();
        try {
          double seconds = side.measure.getAsDouble();
          if (turn >= 0) {
            times.computeIfAbsent(side, s -> new double[turns])[turn] = seconds;
          }
        } catch (ViTException e) {
          left.remove(side);
          notes.add(
              "left out: %s, %s in %s: %s"
                  .formatted(section.title(), side.engine, side.precision, OneLine.of(e)));
        }
      }
    }
    Optional<Samples> reference =
        left.stream()
            .filter(side -> !side.isOurs)
            .findFirst()
            .map(side -> Samples.of(times.getOrDefault(side, new double[turns])));
    for (Side side : left) {
      Samples seconds = Samples.of(times.getOrDefault(side, new double[turns]));
      Map<String, String> what = new LinkedHashMap<>();
      what.put("engine", side.engine);
      what.put("device", side.device);
      what.put("precision", side.precision);
      measurements.add(
          new Measurement(
              section,
              side.isOurs,
              what,
              seconds,
              reference.map(seconds::over).orElse(null),
              side.more));
    }
  }

  // --- Photos ---

  private void measurePreprocessing(@Nullable PythonWorker worker, String pythonModel) {
    ImageReader reader = ImageReader.create();
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(settings.files());
    List<Side> sides = new ArrayList<>();
    sides.add(
        new Side(
            "ViT4J",
            "cpu",
            "exact",
            true,
            () -> {
              long start = System.nanoTime();
              for (Path photo : settings.photos()) {
                try (Arena arena = Arena.ofConfined()) {
                  processor.preprocess(arena, List.of(reader.read(photo)), config);
                }
              }
              return (System.nanoTime() - start) / 1e9 / settings.photos().size();
            }));
    if (worker != null) {
      sides.add(
          new Side(
              "transformers (Pillow)",
              "cpu",
              "exact",
              false,
              () ->
                  worker
                      .ask(
                          "preprocess",
                          request -> files(request.put("model", pythonModel).putArray("files")))
                      .get("seconds")
                      .doubleValue()));
    }
    compare(Section.PREPROCESSING, sides, Math.max(fewTurns(), settings.turns() / 2));
  }

  private void files(ArrayNode array) {
    settings.photos().forEach(photo -> array.add(photo.toString()));
  }

  private void measureLabels(@Nullable PythonWorker worker, String pythonModel) {
    List<ImageClassificationPipeline> pipelines = new ArrayList<>();
    List<Side> sides = new ArrayList<>();
    Map<String, List<String>> labels = new LinkedHashMap<>();
    try {
      for (Subject subject : settings.subjects()) {
        attempt(
            subject.toString(),
            () -> {
              // What gets most out of a processor, and what ./vit classify does: one thread a run
              // and a caller a core, where the engine runs callers side by side.
              ImageClassificationPipeline pipeline =
                  ImageClassificationPipeline.fromPretrained(
                      settings.files(),
                      options(subject, subject.provider().runsSideBySide() ? 1 : 0));
              pipelines.add(pipeline);
              sides.add(
                  new Side(
                      subject.provider().name(),
                      subject.device(),
                      subject.precision().toString(),
                      true,
                      () -> classify(pipeline, subject.toString(), labels)));
            });
      }
      if (worker != null) {
        sides.add(
            new Side(
                "transformers' pipeline, batches of " + PHOTO_BATCH,
                "cpu",
                "float32",
                false,
                () -> classifyInPython(worker, pythonModel, labels)));
      }
      compare(Section.LABELS, sides, Math.max(fewTurns(), settings.turns() / 2));
      noteAgreement(labels);
    } finally {
      pipelines.forEach(ImageClassificationPipeline::close);
    }
  }

  private double classify(
      ImageClassificationPipeline pipeline, String name, Map<String, List<String>> labels) {
    long start = System.nanoTime();
    try (Stream<ImageResult<Path, List<Classification>>> results =
        pipeline.classifyAll(settings.photos().stream(), 1, StreamOptions.defaults())) {
      List<String> found = results.map(result -> result.valueOrThrow().getFirst().label()).toList();
      double seconds = (System.nanoTime() - start) / 1e9 / found.size();
      labels.put(name, found);
      return seconds;
    }
  }

  private double classifyInPython(
      PythonWorker worker, String model, Map<String, List<String>> labels) {
    ObjectNode answer =
        worker.ask(
            "labels",
            request ->
                files(
                    request
                        .put("model", model)
                        .put("precision", "float32")
                        .put("batch", PHOTO_BATCH)
                        .putArray("files")));
    List<String> found = new ArrayList<>();
    answer.get("labels").forEach(label -> found.add(label.stringValue()));
    labels.put("transformers", found);
    return answer.get("seconds").doubleValue();
  }

  private void noteAgreement(Map<String, List<String>> labels) {
    List<String> expected = labels.get("transformers");
    if (expected == null) {
      return;
    }
    labels.forEach(
        (name, found) -> {
          if (!name.equals("transformers")) {
            int same = 0;
            for (int i = 0; i < found.size(); i++) {
              same += found.get(i).equals(expected.get(i)) ? 1 : 0;
            }
            notes.add(
                "%s: the best label of %d of %d photos is transformers' in float32"
                    .formatted(name, same, found.size()));
          }
        });
  }
}
