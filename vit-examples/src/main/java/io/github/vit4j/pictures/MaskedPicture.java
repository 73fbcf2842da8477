package io.github.vit4j.pictures;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A photo, what is left of it, and two ways to fill the gaps: a model's and the mean colour. */
public final class MaskedPicture {
  private static final int PANEL = 256;
  private static final int GAP = 20;

  private MaskedPicture() {}

  /**
   * Draws them.
   *
   * @param original what the model would see of the photo without a mask
   * @param reconstructions what it makes of each window; only the hidden patches are shown
   * @param isMasked one value per patch of each window
   * @param patch the size of a patch
   * @param subtitle what computed them
   */
  public static Picture of(
      Mosaic original,
      List<RgbImage> reconstructions,
      boolean[] isMasked,
      ImageSize patch,
      String subtitle) {
    int perWindow = isMasked.length / original.windows().size();
    List<RgbImage> hidden = new ArrayList<>();
    List<RgbImage> filled = new ArrayList<>();
    List<RgbImage> mean = new ArrayList<>();
    for (int i = 0; i < reconstructions.size(); i++) {
      RgbImage window = original.windows().get(i);
      boolean[] mask = Arrays.copyOfRange(isMasked, i * perWindow, (i + 1) * perWindow);
      MaskedPatches patches = new MaskedPatches(mask, patch);
      hidden.add(patches.hide(window));
      filled.add(patches.fill(window, reconstructions.get(i)));
      mean.add(patches.fill(window, patches.meanColour(window)));
    }
    int count = 0;
    for (boolean masked : isMasked) {
      count += masked ? 1 : 0;
    }
    double share = (double) count / isMasked.length;
    String percent = String.format(Locale.ROOT, "%.0f %% of its patches hidden", 100 * share);
    RgbImage first = original.windows().getFirst();
    int windows = original.windows().size();
    String size = Scaling.pixels(first.width(), first.height());
    List<RgbImage> panels = new ArrayList<>();
    for (List<RgbImage> parts : List.of(original.windows(), hidden, filled, mean)) {
      panels.add(Scaling.squares(new Mosaic(parts, original.perRow()).join(), PANEL));
    }
    List<String> headings =
        List.of("Photo", "What the model gets", "Reconstructed", "For comparison: mean colour");
    List<String> captions =
        List.of(
            windows == 1 ? size : windows + " windows of " + size,
            percent,
            error(original.windows(), filled, share),
            error(original.windows(), mean, share));
    int panelWidth = Math.max(PANEL - 40, panels.getFirst().width());
    int panelHeight = panels.getFirst().height();
    Canvas canvas =
        new Canvas(
            4 * panelWidth + 3 * GAP,
            panelHeight + 50,
            "Masked image modelling",
            subtitle,
            (windows == 1 ? "" : "Each window is reconstructed on its own. ")
                + "Error: mean difference of the hidden pixels, 100 % being black for white."
                + " Mean colour: of a window's visible patches.");
    for (int i = 0; i < panels.size(); i++) {
      int x = canvas.left + i * (panelWidth + GAP);
      canvas.photo(panels.get(i), x, canvas.top, panelWidth, panelHeight);
      canvas.text(headings.get(i), x, canvas.top + panelHeight + 24, Style.HEADING, panelWidth);
      canvas.text(captions.get(i), x, canvas.top + panelHeight + 44, Style.SMALL, panelWidth);
    }
    return canvas.picture();
  }

  /** Of pixels that are not hidden the difference is none, so that the share is divided out. */
  private static String error(List<RgbImage> originals, List<RgbImage> filled, double share) {
    long sum = 0;
    long count = 0;
    for (int i = 0; i < originals.size(); i++) {
      byte[] expected = originals.get(i).rgb();
      byte[] found = filled.get(i).rgb();
      for (int j = 0; j < expected.length; j++) {
        sum += Math.abs((expected[j] & 0xff) - (found[j] & 0xff));
      }
      count += expected.length;
    }
    return share == 0
        ? "nothing is hidden"
        : String.format(Locale.ROOT, "error %.1f %%", 100 * sum / (255.0 * count * share));
  }
}
