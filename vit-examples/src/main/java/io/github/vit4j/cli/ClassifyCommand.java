package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.config.Json;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit classify}: what is on a photo. */
@Command(
    name = "classify",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Names what is on photos: the best labels with their scores.",
      "",
      "Scores are a softmax over the model's labels, or a sigmoid each for models with several labels at"
          + " once. With several images, each gets a heading; one that cannot be read is reported and left"
          + " out, and the exit code is 1."
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nImages:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit classify photo.jpg",
      "  ./vit classify https://example.com/photo.jpg",
      "  ./vit classify --top-k 1 photos/ 'holiday/*.jpg'",
      "  ./vit classify --model google/vit-base-patch16-224 photo.jpg",
      "  ./vit classify --model path/to/vit-base-patch16-224 --json photo.jpg | jq '.[0].predictions[0]'",
    })
final class ClassifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ImageArguments images = new ImageArguments();

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many labels an image. Default: ${DEFAULT-VALUE}.")
  private int topK = ImageClassificationPipeline.DEFAULT_TOP_K;

  @Option(
      names = "--json",
      description =
          "Print JSON: an array of {\"file\", \"predictions\": [{\"label\", \"index\", \"score\"}]}.")
  private boolean json;

  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private ThroughputOptions throughput = new ThroughputOptions();

  @Override
  public Integer call() throws IOException {
    if (topK < 1) {
      throw new ParameterException(spec.commandLine(), "--top-k must be at least 1, got " + topK);
    }
    int batchSize = images.batchSize();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<ImageSource> files = images.images();
    LoadOptions options = throughput.loadOptions(engine, files.size(), batchSize);
    ArrayNode array = Json.object().putArray("results");
    int exitCode;
    try (ImageClassificationPipeline pipeline =
            ImageClassificationPipeline.fromPretrained(model.files(), options);
        Progress progress = Progress.of(err, files.size());
        var results =
            pipeline.classifyAll(
                files.stream(), ImageSource.reader(), topK, throughput.streamOptions(batchSize))) {
      exitCode =
          new ImageResults(images.stopAtFirst(files), err, progress)
              .forEach(
                  results,
                  (file, predictions) -> {
                    if (json) {
                      array.add(toJson(file, predictions));
                    } else {
                      progress.aside(() -> print(out, file, predictions, files.size() > 1));
                    }
                    if (out.checkError()) {
                      throw new OutputClosed();
                    }
                  });
    }
    if (json) {
      out.println(Json.toPrettyString(array));
    }
    return exitCode;
  }

  private static void print(
      PrintWriter out, ImageSource file, List<Classification> predictions, boolean withHeading) {
    if (withHeading) {
      out.println(Failures.oneLine(file.toString()));
    }
    for (Classification prediction : predictions) {
      out.printf(
          Locale.ROOT, "  %5.3f  %s%n", prediction.score(), Failures.oneLine(prediction.label()));
    }
    out.flush();
  }

  private static ObjectNode toJson(ImageSource file, List<Classification> predictions) {
    ObjectNode result = Json.object();
    result.put("file", file.toString());
    ArrayNode list = result.putArray("predictions");
    for (Classification prediction : predictions) {
      ObjectNode entry = list.addObject();
      entry.put("label", prediction.label());
      entry.put("index", prediction.index());
      if (Float.isFinite(prediction.score())) {
        entry.put("score", prediction.score());
      } else {
        entry.putNull("score");
      }
    }
    return result;
  }
}
