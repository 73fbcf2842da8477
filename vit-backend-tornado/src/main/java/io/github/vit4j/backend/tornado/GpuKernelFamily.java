package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.GpuAttentionKernels;
import io.github.vit4j.backend.tornado.kernels.GpuMatrixKernels;
import io.github.vit4j.backend.tornado.kernels.GpuTokenKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/** Work-groups with local memory, for GPUs. */
final class GpuKernelFamily implements KernelFamily {
  private final KernelContext context = new KernelContext();

  @Override
  public String name() {
    return "gpu";
  }

  @Override
  public void add(Step step, Target target) {
    switch (step) {
      case Step.Patches patches -> addPatches(context, patches, target);
      case Step.Embeddings embeddings -> add(embeddings, target);
      case Step.LayerNorm norm -> add(norm, target);
      case Step.Linear linear -> add(linear, target);
      case Step.Attention attention -> add(attention, target);
      case Step.FirstTokens first -> add(first, target);
      case Step.PixelShuffle shuffle -> addPixelShuffle(context, shuffle, target);
    }
  }

  /** A thread for each pixel. */
  static void addPatches(KernelContext context, Step.Patches step, Target target) {
    int pixelsOfPatch = step.channels() * step.patchHeight() * step.patchWidth();
    int count = Math.multiplyExact(step.rows(), pixelsOfPatch);
    target
        .graph()
        .task(
            target.task(),
            GpuTokenKernels::patches,
            context,
            target.arrays().of(step.pixels()),
            target.arrays().of(step.patches()),
            step.channels(),
            step.height(),
            step.width(),
            step.patchHeight(),
            step.patchWidth(),
            step.gridRows(),
            step.gridColumns(),
            step.stride(),
            count);
    grid(target, Math.ceilDiv(count, GpuTokenKernels.GROUP), GpuTokenKernels.GROUP);
  }

  private void add(Step.Embeddings step, Target target) {
    PassArrays arrays = target.arrays();
    int count = Math.multiplyExact(step.rows(), step.width());
    target
        .graph()
        .task(
            target.task(),
            GpuTokenKernels::embeddings,
            context,
            arrays.of(step.projected()),
            arrays.orNone(step.mask()),
            arrays.weight(step.maskToken()),
            arrays.weight(step.positions()),
            arrays.of(step.y()),
            step.mask() == null ? 0 : 1,
            step.tokens(),
            step.width(),
            step.stride(),
            count);
    grid(target, Math.ceilDiv(count, GpuTokenKernels.GROUP), GpuTokenKernels.GROUP);
  }

  private void add(Step.LayerNorm step, Target target) {
    PassArrays arrays = target.arrays();
    target
        .graph()
        .task(
            target.task(),
            GpuTokenKernels::layerNorm,
            context,
            arrays.of(step.x()),
            arrays.weight(step.weights().weight()),
            arrays.weight(step.weights().bias()),
            arrays.of(step.y()),
            step.step(),
            step.width(),
            step.stride(),
            step.epsilon());
    grid(target, step.rows(), GpuTokenKernels.GROUP);
  }

  private void add(Step.Linear step, Target target) {
    PassArrays arrays = target.arrays();
    target
        .graph()
        .task(
            target.task(),
            GpuMatrixKernels::linear,
            context,
            arrays.of(step.x()),
            arrays.weight(step.weights().panels()),
            arrays.weight(step.weights().bias()),
            arrays.orNone(step.residual()),
            arrays.of(step.y()),
            step.weights().inputs(),
            step.xStride(),
            step.stride(),
            step.rows(),
            step.firstPanel(),
            step.panels(),
            step.activation(),
            step.residual() == null ? 0 : 1);
    grid(target, GpuMatrixKernels.groups(step.rows(), step.panels()), GpuMatrixKernels.GROUP);
  }

  private void add(Step.Attention step, Target target) {
    PassArrays arrays = target.arrays();
    target
        .graph()
        .task(
            target.task(),
            GpuAttentionKernels::attention,
            context,
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
            step.scale());
    int imageHeads = Math.multiplyExact(step.images(), step.heads());
    grid(target, GpuAttentionKernels.groups(imageHeads, step.queries()), GpuAttentionKernels.GROUP);
  }

  private void add(Step.FirstTokens step, Target target) {
    int count = Math.multiplyExact(step.rows(), step.width());
    target
        .graph()
        .task(
            target.task(),
            GpuTokenKernels::firstTokens,
            context,
            target.arrays().of(step.x()),
            target.arrays().of(step.y()),
            step.tokens(),
            step.width(),
            step.stride(),
            count);
    grid(target, Math.ceilDiv(count, GpuTokenKernels.GROUP), GpuTokenKernels.GROUP);
  }

  /** A thread for each pixel. */
  static void addPixelShuffle(KernelContext context, Step.PixelShuffle step, Target target) {
    int count = step.pixels().length();
    target
        .graph()
        .task(
            target.task(),
            GpuTokenKernels::pixelShuffle,
            context,
            target.arrays().of(step.decoded()),
            target.arrays().of(step.pixels()),
            step.channels(),
            step.tokens(),
            step.grid(),
            step.upscale(),
            step.stride(),
            count);
    grid(target, Math.ceilDiv(count, GpuTokenKernels.GROUP), GpuTokenKernels.GROUP);
  }

  static void grid(Target target, int groups, int threads) {
    WorkerGrid1D grid = new WorkerGrid1D(Math.multiplyExact(groups, threads));
    grid.setLocalWork(threads, 1, 1);
    target.grids().addWorkerGrid(target.gridName(), grid);
  }
}
