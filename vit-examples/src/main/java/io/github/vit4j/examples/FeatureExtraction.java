package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.pictures.ContactSheet;
import io.github.vit4j.pictures.ContactSheet.Neighbour;
import io.github.vit4j.pictures.Picture;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.pipeline.ImageFeatureExtractionPipeline;
import io.github.vit4j.pipeline.Pooling;
import io.github.vit4j.pipeline.StreamOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which photos are like this one? Arguments: [PHOTO [FOLDER [MODEL]]]. */
public final class FeatureExtraction {
  private FeatureExtraction() {}

  /** On the backend that VIT4J_BACKEND names, writing into the folder {@code pictures}. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** Sorts a folder of photos by how much they are like one, and draws the first of them. */
  public static List<Neighbour> run(LoadOptions options, Path pictures, String... args) {
    Path query = args.length > 0 ? Path.of(args[0]) : SamplePhotos.drawn().resolve("ship-1.jpg");
    Path folder = args.length > 1 ? Path.of(args[1]) : SamplePhotos.drawn();
    String model = args.length > 2 ? args[2] : "builtin:vit-tiny-cifar10";

    try (var pipeline = ImageFeatureExtractionPipeline.fromPretrained(model, options)) {
      float[] wanted = pipeline.extract(query, Pooling.MEAN).toFloatArray();
      List<Neighbour> neighbours = new ArrayList<>();
      Path self = query.toAbsolutePath().normalize();
      var others =
          SamplePhotos.in(folder).stream()
              .filter(photo -> !photo.toAbsolutePath().normalize().equals(self));
      try (var features = pipeline.extractAll(others, Pooling.MEAN, StreamOptions.defaults())) {
        features.forEach(
            photo -> {
              if (photo.error() != null) {
                System.err.println("left out: " + photo.error().getMessage());
              } else {
                float[] vector = photo.valueOrThrow().toFloatArray();
                neighbours.add(new Neighbour(photo.source(), cosineSimilarity(wanted, vector)));
              }
            });
      }
      neighbours.sort(Comparator.comparingDouble(Neighbour::similarity).reversed());

      for (Neighbour neighbour : neighbours) {
        System.out.printf(Locale.ROOT, "%6.3f  %s%n", neighbour.similarity(), neighbour.photo());
      }
      String computedBy =
          "Cosine similarity of %d features by %s on %s"
              .formatted(wanted.length, model, pipeline.model().info());
      Picture picture = ContactSheet.of(query, neighbours, computedBy);
      System.out.println("wrote " + picture.save(pictures, "3-feature-extraction.png"));
      return neighbours;
    }
  }

  private static double cosineSimilarity(float[] a, float[] b) {
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(squaresOfA * squaresOfB);
  }
}
