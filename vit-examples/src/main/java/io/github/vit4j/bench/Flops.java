package io.github.vit4j.bench;

import io.github.vit4j.config.ViTConfig;

/** Floating point operations of matrix products, a multiplication and an addition being two. */
final class Flops {
  private Flops() {}

  /**
   * Of a classifier's forward pass for one picture, all tokens in all layers, by "An Image is Worth
   * 16x16 Words" (arXiv:2010.11929): what an engine leaves out that nobody asked for counts too.
   */
  static double ofForward(ViTConfig config) {
    double hidden = config.hiddenSize();
    double intermediate = config.intermediateSize();
    double patches = config.numPatches();
    double tokens = patches + 1;
    double patch =
        (double) config.numChannels() * config.patchSize().height() * config.patchSize().width();
    double projections = 4 * tokens * hidden * hidden;
    double attention = 2 * tokens * tokens * hidden;
    double mlp = 2 * tokens * hidden * intermediate;
    return 2
        * (patches * patch * hidden
            + config.numHiddenLayers() * (projections + attention + mlp)
            + hidden * config.numLabels());
  }
}
