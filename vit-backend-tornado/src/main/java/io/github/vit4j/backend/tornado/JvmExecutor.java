package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.backend.tornado.kernels.TokenKernels;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The device {@code jvm}: kernels on this JVM's own threads, block by block. */
final class JvmExecutor implements PassExecutor {
  /** Rows of a matrix product that a thread takes at a time; with a panel they fit the cache. */
  private static final int BLOCK_ROWS = 32;

  /** Rows that a thread takes at a time where each is little work. */
  private static final int FEW_ROWS = 8;

  /** Blocks per thread where there is a choice, so that none waits long for the last. */
  private static final int BLOCKS_PER_THREAD = 4;

  /** Enough for the threads to have something to share, and for weights to be read seldom. */
  private static final int ROWS_AT_A_TIME = 512;

  private final Arithmetic arithmetic;
  private final Workers workers;
  private final float[][] tiles;
  private final JvmAttention[] attentions;

  JvmExecutor(Arithmetic arithmetic, int threads, boolean allowSpinning) {
    this.arithmetic = arithmetic;
    this.tiles = new float[threads][Arithmetic.TILE];
    this.attentions = new JvmAttention[threads];
    for (int i = 0; i < threads; i++) {
      attentions[i] = new JvmAttention(arithmetic);
    }
    this.workers = new Workers(threads, allowSpinning); // last, so that none is left behind
  }

  @Override
  public PreparedPass prepare(ForwardPass pass) {
    return new Prepared(pass);
  }

  @Override
  public int rowsAtATime() {
    return ROWS_AT_A_TIME;
  }

  /** A batch that does not divide evenly needs two; a session with two kinds of runs, four. */
  @Override
  public int passesToKeep() {
    return 4;
  }

  @Override
  public long bytesToKeep() {
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {
    workers.close();
  }

  private final class Prepared implements PreparedPass {
    private final ForwardPass pass;
    private final Map<Buffer, float[]> arrays = new HashMap<>();

    Prepared(ForwardPass pass) {
      this.pass = pass;
    }

    @Override
    public float[] contents(Buffer buffer) {
      return arrays.computeIfAbsent(buffer, planned -> new float[planned.length()]);
    }

    /** Its arrays hold a part of a batch, see {@link #rowsAtATime}. */
    @Override
    public long bytes() {
      return 0;
    }

    private float @Nullable [] contentsOrNull(@Nullable Buffer buffer) {
      return buffer == null ? null : contents(buffer);
    }

    @Override
    public void run() {
      for (Step step : pass.steps()) {
        switch (step) {
          case Step.Patches patches -> run(patches);
          case Step.Embeddings embeddings -> run(embeddings);
          case Step.LayerNorm norm -> run(norm);
          case Step.Linear linear -> run(linear);
          case Step.Attention attention -> run(attention);
          case Step.FirstTokens first -> run(first);
          case Step.PixelShuffle shuffle -> run(shuffle);
        }
      }
    }

    private void run(Step.Patches step) {
      float[] pixels = contents(step.pixels());
      float[] patches = contents(step.patches());
      forRows(
          step.rows(),
          (from, to) ->
              TokenKernels.patches(
                  pixels,
                  patches,
                  step.channels(),
                  step.height(),
                  step.width(),
                  step.patchHeight(),
                  step.patchWidth(),
                  step.gridRows(),
                  step.gridColumns(),
                  step.stride(),
                  from,
                  to));
    }

    private void run(Step.Embeddings step) {
      float[] projected = contents(step.projected());
      float[] given = contentsOrNull(step.mask());
      float[] mask = given == null ? new float[0] : given;
      float[] y = contents(step.y());
      forRows(
          step.rows(),
          (from, to) ->
              TokenKernels.embeddings(
                  projected,
                  mask,
                  step.maskToken(),
                  step.positions(),
                  y,
                  given == null ? 0 : 1,
                  step.tokens(),
                  step.width(),
                  step.stride(),
                  from,
                  to));
    }

    private void run(Step.LayerNorm step) {
      float[] x = contents(step.x());
      float[] y = contents(step.y());
      forRows(
          step.rows(),
          (from, to) ->
              arithmetic.layerNorm(
                  x,
                  step.weights(),
                  y,
                  step.step(),
                  step.width(),
                  step.stride(),
                  step.epsilon(),
                  from,
                  to));
    }

    private void run(Step.Linear step) {
      float[] x = contents(step.x());
      float[] residual = contentsOrNull(step.residual());
      float[] y = contents(step.y());
      int rows = Layout.paddedRows(step.rows());
      int rowBlocks = Math.ceilDiv(rows, BLOCK_ROWS);
      workers.forEach(
          rowBlocks * step.panels(),
          (worker, block) -> {
            int panel = step.firstPanel() + block / rowBlocks;
            int from = block % rowBlocks * BLOCK_ROWS;
            int to = Math.min(from + BLOCK_ROWS, rows);
            linear(step, x, residual, y, tiles[worker], panel, from, to);
          });
    }

    private void linear(
        Step.Linear step,
        float[] x,
        float @Nullable [] residual,
        float[] y,
        float[] tile,
        int panel,
        int from,
        int to) {
      LinearWeights weights = step.weights();
      int inner = weights.inputs();
      int column = panel * Layout.PANEL;
      for (int row = from; row < to; row += Layout.ROWS) {
        arithmetic.product(
            x, row * step.xStride(), step.xStride(), weights.panels(), column * inner, inner, tile);
        int at = row * step.stride() + column;
        if (residual == null) {
          arithmetic.activate(
              tile, weights.bias(), column, step.activation(), y, at, step.stride());
        } else {
          arithmetic.addResidual(tile, weights.bias(), column, residual, y, at, step.stride());
        }
      }
    }

    private void run(Step.Attention step) {
      float[] query = contents(step.query());
      float[] keyValue = contents(step.keyValue());
      float[] probabilities = contentsOrNull(step.probabilities());
      float[] context = contents(step.context());
      int imageHeads = step.images() * step.heads();
      int wanted = Math.ceilDiv(BLOCKS_PER_THREAD * workers.count(), imageHeads);
      int size = Layout.paddedRows(Math.ceilDiv(step.queries(), wanted));
      int blocks = Math.ceilDiv(step.queries(), size);
      workers.forEach(
          imageHeads * blocks,
          (worker, block) -> {
            int from = block % blocks * size;
            int to = Math.min(from + size, step.queries());
            attentions[worker].run(
                step, query, keyValue, probabilities, context, block / blocks, from, to);
          });
    }

    private void run(Step.FirstTokens step) {
      TokenKernels.firstTokens(
          contents(step.x()),
          contents(step.y()),
          step.tokens(),
          step.width(),
          step.stride(),
          0,
          step.rows());
    }

    private void run(Step.PixelShuffle step) {
      float[] decoded = contents(step.decoded());
      float[] pixels = contents(step.pixels());
      forRows(
          step.rows(),
          (from, to) ->
              TokenKernels.pixelShuffle(
                  decoded,
                  pixels,
                  step.channels(),
                  step.tokens(),
                  step.grid(),
                  step.upscale(),
                  step.stride(),
                  from,
                  to));
    }

    private void forRows(int rows, RowRange kernel) {
      workers.forEach(
          Math.ceilDiv(rows, FEW_ROWS),
          (worker, block) -> kernel.run(block * FEW_ROWS, Math.min((block + 1) * FEW_ROWS, rows)));
    }

    @Override
    public void close() {
      arrays.clear();
    }
  }

  /** A kernel on rows {@code from} to {@code to - 1}. */
  private interface RowRange {
    void run(int from, int to);
  }
}
