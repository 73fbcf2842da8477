package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;

/**
 * A linear layer.
 *
 * @param panels the weight, as {@link Layout} says
 * @param bias with padding; zeros where the layer has none
 * @param inputs features of its input
 */
@SuppressWarnings("ArrayRecordComponent") // read by kernels, never compared
record LinearWeights(float[] panels, float[] bias, int inputs) {
  /** How many panels of outputs it has. */
  int panelCount() {
    return bias.length / Layout.PANEL;
  }
}
