package io.github.vit4j.pictures;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import java.awt.geom.RoundRectangle2D;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An image classifier's sizes from pixels to logits, and what its parameters are spent on. */
public final class ArchitectureCard {
  private static final int BOX = 128;
  private static final int BOX_HEIGHT = 84;
  private static final int ARROW = 24;
  private static final int GAP = 8;
  private static final int ROW = 30;
  private static final int LABELS = 188;
  private static final int COUNTS = 130;

  private ArchitectureCard() {}

  /** How many numbers an image classifier of that configuration learns. */
  public static long parameters(ViTConfig config) {
    return byPart(config).values().stream().mapToLong(Long::longValue).sum();
  }

  /** The same, part by part, in the order that data takes. */
  private static Map<String, Long> byPart(ViTConfig config) {
    Map<String, Long> counts = new LinkedHashMap<>();
    ParameterNames.required(config, Architecture.VIT_FOR_IMAGE_CLASSIFICATION)
        .forEach((name, shape) -> counts.merge(part(name), Tensor.elementCount(shape), Long::sum));
    return counts;
  }

  private static String part(String name) {
    if (name.contains("layernorm")) {
      return "Layer norms";
    }
    if (name.contains(".attention.")) {
      return "Attention";
    }
    if (name.contains("encoder.")) {
      return "MLP";
    }
    if (name.contains("patch_embeddings")) {
      return "Patch projection";
    }
    return name.startsWith("embeddings") ? "CLS token and positions" : "Classifier";
  }

  /** Draws it. */
  public static Picture of(ViTConfig config) {
    Map<String, Long> counts = byPart(config);
    ImageSize image = config.imageSize();
    ImageSize patch = config.patchSize();
    List<Box> boxes =
        List.of(
            new Box(
                "Image",
                Scaling.pixels(image.width(), image.height()),
                config.numChannels() + " channels"),
            new Box(
                "Patches",
                config.patchColumns() + " × " + config.patchRows() + " grid",
                Scaling.pixels(patch.width(), patch.height()) + " each"),
            new Box(
                "Embeddings",
                config.numPatches() + 1 + " tokens",
                config.hiddenSize() + " numbers each"),
            new Box(
                "Encoder",
                config.numHiddenLayers() + " layers, " + config.numAttentionHeads() + " heads",
                "MLP of " + config.intermediateSize()),
            new Box("Logits", config.numLabels() + " labels", "from the CLS token"));
    int step = BOX + ARROW + 2 * GAP;
    int width = boxes.size() * BOX + (boxes.size() - 1) * (ARROW + 2 * GAP);
    int table = BOX_HEIGHT + 62;
    Canvas canvas =
        new Canvas(
            width,
            table + counts.size() * ROW - 10,
            "Custom configuration",
            String.format(
                Locale.ROOT,
                "ViTForImageClassification with %,d parameters, drawn at random",
                parameters(config)),
            "");
    for (int i = 0; i < boxes.size(); i++) {
      double x = canvas.left + (double) i * step;
      boxes.get(i).draw(canvas, x, i == 3);
      if (i > 0) {
        canvas.arrow(x - GAP - ARROW, canvas.top + BOX_HEIGHT / 2.0, ARROW);
      }
    }
    canvas.text(
        "What the parameters are spent on",
        canvas.left,
        canvas.top + table - 24.0,
        Style.HEADING,
        width);
    long most = counts.values().stream().mapToLong(Long::longValue).max().orElse(1);
    double room = width - LABELS - COUNTS;
    double y = canvas.top + table;
    for (Map.Entry<String, Long> entry : counts.entrySet()) {
      canvas.text(entry.getKey(), canvas.left, y + 13, Style.TEXT, LABELS);
      double length = Math.max(3, room * entry.getValue() / most);
      canvas.bar(canvas.left + LABELS, y + 2, length, 13, 3, Style.ACCENT);
      String count = String.format(Locale.ROOT, "%,d", entry.getValue());
      canvas.textRight(count, canvas.left + width, y + 13, Style.TEXT.in(Style.MUTED));
      y += ROW;
    }
    return canvas.picture();
  }

  private record Box(String heading, String first, String second) {
    void draw(Canvas canvas, double x, boolean accent) {
      RoundRectangle2D frame = new RoundRectangle2D.Double(x, canvas.top, BOX, BOX_HEIGHT, 12, 12);
      canvas.fill(frame, accent ? Style.ACCENT : Style.PANEL);
      double y = canvas.top;
      Style heading = accent ? Style.HEADING.in(Style.PAPER) : Style.HEADING;
      Style text = Style.SMALL.in(accent ? Style.PAPER : Style.MUTED);
      canvas.textCentred(heading(), x + 6, y + 28, heading, BOX - 12.0);
      canvas.textCentred(first, x + 6, y + 50, text, BOX - 12.0);
      canvas.textCentred(second, x + 6, y + 68, text, BOX - 12.0);
    }
  }
}
