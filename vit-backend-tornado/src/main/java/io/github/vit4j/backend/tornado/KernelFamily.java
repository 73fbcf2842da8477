package io.github.vit4j.backend.tornado;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;

/**
 * How steps become tasks of TornadoVM: with loops in blocks for processors, or with work-groups
 * that share local memory for GPUs.
 */
interface KernelFamily {
  /** The name of its choice, see {@link TornadoDevices#KERNELS_PROPERTY}. */
  String name();

  /** Adds a task for {@code step}, or several, and their grids. */
  void add(Step step, Target target);

  /** What TornadoVM notes at most about the tasks for such a step, in bytes. */
  default int graphBytes(Step step) {
    return graphBytes(step instanceof Step.LayerNorm ? 11 : 16);
  }

  /** The same for one task with that many parameters. */
  static int graphBytes(int parameters) {
    return 15 + 5 * parameters;
  }

  /**
   * Where a task goes.
   *
   * @param graph the graph to extend
   * @param grids the grids of the graph's tasks
   * @param graphName the graph's name
   * @param task the name of the task
   * @param arrays the arrays of the steps' buffers
   */
  record Target(
      TaskGraph graph, GridScheduler grids, String graphName, String task, PassArrays arrays) {
    /** What {@link GridScheduler} calls the task. */
    String gridName() {
      return graphName + "." + task;
    }
  }
}
