package io.github.vit4j.backend.tornado.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.Doubles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenKernelsTest {
  @Test
  void patchesAreRowsOfChannelsAndLines() {
    int channels = 2;
    int height = 7; // a line and a column too many
    int width = 10;
    float[] pixels = Doubles.random(2 * channels * height * width, 1, 1);
    int stride = Layout.stride(channels * 3 * 3);
    float[] patches = new float[12 * stride];
    TokenKernels.patches(pixels, patches, channels, height, width, 3, 3, 2, 3, stride, 0, 5);
    TokenKernels.patches(pixels, patches, channels, height, width, 3, 3, 2, 3, stride, 5, 12);
    for (int patch = 0; patch < 12; patch++) {
      for (int i = 0; i < channels * 9; i++) {
        int channel = patch / 6 * channels + i / 9;
        int y = patch % 6 / 3 * 3 + i % 9 / 3;
        int x = patch % 3 * 3 + i % 3;
        assertThat(patches[patch * stride + i])
            .isEqualTo(pixels[(channel * height + y) * width + x]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void embeddingsAreMaskedBeforePositionsAreAdded(int masked) {
    int tokens = 4;
    int width = 5;
    int stride = Layout.stride(width);
    float[] projected = Doubles.random(6 * stride, 1, 1);
    float[] maskToken = Doubles.random(width, 2, 1);
    float[] positions = Doubles.random(tokens * stride, 3, 1);
    float[] mask = {1, 0, 1, 0, 0, 1};
    float[] y = new float[8 * stride];
    TokenKernels.embeddings(
        projected, mask, maskToken, positions, y, masked, tokens, width, stride, 0, 8);
    for (int row = 0; row < 8; row++) {
      int token = row % tokens;
      int patch = row / tokens * 3 + token - 1;
      for (int i = 0; i < width; i++) {
        float expected = positions[token * stride + i];
        if (token > 0) {
          expected +=
              masked == 1 && mask[patch] == 1 ? maskToken[i] : projected[patch * stride + i];
        }
        assertThat(y[row * stride + i]).isEqualTo(expected);
      }
    }
  }

  @Test
  void theFirstTokenOfEveryImageIsTaken() {
    int stride = Layout.stride(3);
    float[] x = Doubles.random(10 * stride, 1, 1);
    float[] y = new float[2 * stride];
    TokenKernels.firstTokens(x, y, 5, 3, stride, 0, 2);
    assertThat(new float[] {y[0], y[1], y[2]}).containsExactly(x[0], x[1], x[2]);
    assertThat(y[stride]).isEqualTo(x[5 * stride]);
  }

  /** {@code torch.nn.PixelShuffle}: out[c, h r + i, w r + j] = in[c r r + i r + j, h, w]. */
  @Test
  void pixelsAreShuffledAsTorchDoes() {
    int channels = 2;
    int grid = 3;
    int upscale = 4;
    int side = grid * upscale;
    int stride = Layout.stride(channels * upscale * upscale);
    int tokens = 1 + grid * grid;
    float[] decoded = Doubles.random(2 * tokens * stride, 1, 1);
    float[] pixels = new float[2 * channels * side * side];
    TokenKernels.pixelShuffle(
        decoded, pixels, channels, tokens, grid, upscale, stride, 0, 2 * channels * side);
    int at = 0;
    for (int image = 0; image < 2; image++) {
      for (int channel = 0; channel < channels; channel++) {
        for (int y = 0; y < side; y++) {
          for (int x = 0; x < side; x++) {
            int token = image * tokens + 1 + y / upscale * grid + x / upscale;
            int feature = (channel * upscale + y % upscale) * upscale + x % upscale;
            assertThat(pixels[at++]).isEqualTo(decoded[token * stride + feature]);
          }
        }
      }
    }
  }
}
