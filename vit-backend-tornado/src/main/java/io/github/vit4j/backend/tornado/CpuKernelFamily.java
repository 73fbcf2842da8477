package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.AttentionKernels;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.backend.tornado.kernels.MatrixKernels;
import io.github.vit4j.backend.tornado.kernels.TileProduct;
import io.github.vit4j.backend.tornado.kernels.TokenKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/** Loops over rows and blocks, for processors. */
final class CpuKernelFamily implements KernelFamily {
  /**
   * Threads of a task. TornadoVM's loops go round by the number of threads on processors, so that
   * any number computes everything; a few per core leave none waiting for the last.
   */
  private static final int THREADS_PER_CORE = 8;

  /** With fewer groups of rows a tile copies longer than it computes. */
  private static final int FEWEST_GROUPS = 8;

  private final KernelContext context = new KernelContext();
  private final int threads;

  /**
   * Creates the family.
   *
   * @param cores of the device
   */
  CpuKernelFamily(int cores) {
    this.threads = Math.multiplyExact(THREADS_PER_CORE, Math.max(1, cores));
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public void add(Step step, Target target) {
    switch (step) {
      case Step.Patches patches -> {
        // The kernel for GPUs compiles in a tenth of the time: loops over a patch's pixels, whose
        // lengths are constants, would be unrolled.
        GpuKernelFamily.addPatches(context, patches, target);
        return;
      }
      case Step.Embeddings embeddings -> add(embeddings, target);
      case Step.LayerNorm norm -> add(norm, target);
      case Step.Linear linear -> add(linear, target);
      case Step.Attention attention -> add(attention, target);
      case Step.FirstTokens first ->
          target
              .graph()
              .task(
                  target.task(),
                  TokenKernels::firstTokens,
                  target.arrays().of(first.x()),
                  target.arrays().of(first.y()),
                  first.tokens(),
                  first.width(),
                  first.stride(),
                  0,
                  first.rows());
      case Step.PixelShuffle shuffle -> {
        GpuKernelFamily.addPixelShuffle(context, shuffle, target);
        return;
      }
    }
    // Of one thread each: by itself an OpenCL driver may take all for one group, on one core.
    WorkerGrid1D grid = new WorkerGrid1D(threads);
    grid.setLocalWork(1, 1, 1);
    target.grids().addWorkerGrid(target.gridName(), grid);
  }

  private static void add(Step.Embeddings step, Target target) {
    PassArrays arrays = target.arrays();
    target
        .graph()
        .task(
            target.task(),
            TokenKernels::embeddings,
            arrays.of(step.projected()),
            arrays.orNone(step.mask()),
            arrays.weight(step.maskToken()),
            arrays.weight(step.positions()),
            arrays.of(step.y()),
            step.mask() == null ? 0 : 1,
            step.tokens(),
            step.width(),
            step.stride(),
            0,
            step.rows());
  }

  private static void add(Step.LayerNorm step, Target target) {
    PassArrays arrays = target.arrays();
    target
        .graph()
        .task(
            target.task(),
            TokenKernels::layerNorm,
            arrays.of(step.x()),
            arrays.weight(step.weights().weight()),
            arrays.weight(step.weights().bias()),
            arrays.of(step.y()),
            step.step(),
            step.width(),
            step.stride(),
            step.epsilon(),
            0,
            step.rows());
  }

  /**
   * Groups of rows for a tile to have: many, as they share what a tile copies first, but not so
   * many that there are fewer tiles than threads.
   */
  private int tileGroups(int rowGroups, int others) {
    int wanted = Math.min(Math.ceilDiv(threads, others), Math.ceilDiv(rowGroups, FEWEST_GROUPS));
    return Math.ceilDiv(
        rowGroups, Math.max(wanted, Math.ceilDiv(rowGroups, TileProduct.MOST_GROUPS)));
  }

  private void add(Step.Linear step, Target target) {
    PassArrays arrays = target.arrays();
    int rowGroups = Layout.rowGroups(step.rows());
    int strips = step.panels() * (Layout.PANEL / TileProduct.STRIP);
    int tileGroups = tileGroups(rowGroups, strips);
    target
        .graph()
        .task(
            target.task(),
            MatrixKernels::linear,
            arrays.of(step.x()),
            arrays.weight(step.weights().panels()),
            arrays.weight(step.weights().bias()),
            arrays.orNone(step.residual()),
            arrays.of(step.y()),
            step.weights().inputs(),
            step.xStride(),
            step.stride(),
            rowGroups,
            tileGroups,
            step.firstPanel() * Layout.PANEL,
            step.activation(),
            step.residual() == null ? 0 : 1,
            0,
            Math.multiplyExact(strips, Math.ceilDiv(rowGroups, tileGroups)));
  }

  private void add(Step.Attention step, Target target) {
    PassArrays arrays = target.arrays();
    int imageHeads = Math.multiplyExact(step.images(), step.heads());
    int rowGroups = Layout.rowGroups(step.queries());
    int tileGroups = tileGroups(rowGroups, imageHeads);
    target
        .graph()
        .task(
            target.task(),
            AttentionKernels::attention,
            arrays.of(step.query()),
            arrays.of(step.keyValue()),
            arrays.orScratch(step.probabilities()),
            arrays.of(step.context()),
            step.queryStride(),
            step.stride(),
            step.queries(),
            step.tokens(),
            step.heads(),
            step.headSize(),
            step.scale(),
            tileGroups,
            0,
            Math.multiplyExact(imageHeads, Math.ceilDiv(rowGroups, tileGroups)));
  }
}
