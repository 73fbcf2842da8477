package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.ActivationKernels;
import io.github.vit4j.backend.tornado.kernels.GpuMatrixKernels;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Output;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.Access;

/**
 * Matrix products by NVIDIA's cuBLAS in float32, everything else as {@link GpuKernelFamily} has it:
 * for CUDA's devices only.
 */
final class CublasKernelFamily implements KernelFamily {
  static final String NAME = "cublas";

  /** {@code CuBlas.LIBRARY_NAME} of TornadoVM. */
  private static final String LIBRARY = "nvidia/cublas";

  private static final String FUNCTION = "cublasSgemmStridedBatched";

  /** {@code CUBLAS_OP_N}: not transposed. */
  private static final int AS_IT_IS = 0;

  private static final int PARAMETERS = 17;
  private static final int RESULT = 13;

  private final GpuKernelFamily kernels = new GpuKernelFamily();
  private final KernelContext context = new KernelContext();

  @Override
  public String name() {
    return NAME;
  }

  /** A task of the library takes no part of an array: other panels than the first have a kernel. */
  @Override
  public void add(Step step, Target target) {
    if (step instanceof Step.Linear linear && linear.firstPanel() == 0) {
      add(linear, target);
    } else {
      kernels.add(step, target);
    }
  }

  @Override
  public int graphBytes(Step step) {
    return kernels.graphBytes(step)
        + (step instanceof Step.Linear ? KernelFamily.graphBytes(PARAMETERS) : 0);
  }

  /**
   * One product for each panel. cuBLAS takes matrices column by column, so that rows of features
   * are transposed for it already: yᵀ = panelᵀ xᵀ, [64, rows] = [64, in] [in, rows].
   */
  private void add(Step.Linear step, Target target) {
    PassArrays arrays = target.arrays();
    float[] x = arrays.of(step.x());
    float[] y = arrays.of(step.y());
    int inputs = step.weights().inputs();
    boolean inPlace = step.residual() == step.y();
    Access[] access = new Access[PARAMETERS];
    Arrays.fill(access, Access.READ_ONLY);
    access[RESULT] = Access.READ_WRITE;
    Object[] parameters = {
      AS_IT_IS,
      AS_IT_IS,
      Layout.PANEL,
      step.rows(),
      inputs,
      1f,
      arrays.weight(step.weights().panels()),
      Layout.PANEL,
      (long) inputs * Layout.PANEL,
      x,
      step.xStride(),
      0L,
      inPlace ? 1f : 0f,
      y,
      step.stride(),
      (long) Layout.PANEL,
      step.panels()
    };
    NewerTornado.libraryTask(
        target.graph(), target.task() + "product", LIBRARY, FUNCTION, parameters, access);
    addEpilogue(context, step, inPlace ? null : step.residual(), target);
  }

  /**
   * What follows the product.
   *
   * @param residual null where there is none, or the product was added to it
   */
  static void addEpilogue(
      KernelContext context, Step.Linear step, @Nullable Buffer residual, Target target) {
    PassArrays arrays = target.arrays();
    int width = step.panels() * Layout.PANEL;
    int count = Math.multiplyExact(step.rows(), width);
    target
        .graph()
        .task(
            target.task(),
            GpuMatrixKernels::epilogue,
            context,
            arrays.weight(step.weights().bias()),
            arrays.orNone(residual),
            arrays.of(step.y()),
            width,
            step.stride(),
            count,
            step.activation(),
            residual == null ? 0 : 1);
    GpuKernelFamily.grid(
        target, Math.ceilDiv(count, GpuMatrixKernels.GROUP), GpuMatrixKernels.GROUP);
  }

  /**
   * Multiplies small matrices and looks whether the result is right. TornadoVM tells the library
   * where an array begins on the device by the size of an object's header in a JVM with compressed
   * class pointers; where arrays of this JVM have another one, all numbers would be shifted.
   *
   * @throws BackendException if the result is wrong, or cuBLAS cannot be had
   */
  static void check(PassExecutor executor) {
    int rows = 3;
    int inputs = 2;
    int outputs = 2 * Layout.PANEL;
    Buffer x = new Buffer("x", Layout.paddedRows(rows) * Layout.PANEL);
    Buffer y = new Buffer("y", Layout.paddedRows(rows) * outputs);
    float[] panels = new float[inputs * outputs];
    for (int i = 0; i < panels.length; i++) {
      panels[i] = i % 97;
    }
    Step step =
        new Step.Linear(
            x,
            Layout.PANEL,
            new LinearWeights(panels, new float[outputs], inputs),
            0,
            outputs / Layout.PANEL,
            null,
            ActivationKernels.LINEAR,
            y,
            outputs,
            rows);
    ForwardPass.Result result = new ForwardPass.Result(Output.LOGITS, 0, y, rows, outputs, outputs);
    try (PassExecutor.PreparedPass pass =
        executor.prepare(new ForwardPass(x, null, List.of(step), List.of(result)))) {
      float[] values = pass.contents(x);
      for (int i = 0; i < values.length; i++) {
        values[i] = i % 89;
      }
      run(pass);
      float[] products = pass.contents(y);
      for (int row = 0; row < rows; row++) {
        for (int output = 0; output < outputs; output++) {
          int weight = output / Layout.PANEL * inputs * Layout.PANEL + output % Layout.PANEL;
          float expected =
              values[row * Layout.PANEL] * panels[weight]
                  + values[row * Layout.PANEL + 1] * panels[weight + Layout.PANEL];
          if (products[row * outputs + output] != expected) {
            throw new BackendException(
                "cuBLAS gives wrong numbers through this TornadoVM (%s in place of %s); leave -D%s=%s out"
                    .formatted(
                        products[row * outputs + output],
                        expected,
                        TornadoDevices.KERNELS_PROPERTY,
                        NAME));
          }
        }
      }
    }
  }

  private static void run(PassExecutor.PreparedPass pass) {
    try {
      pass.run();
    } catch (DeviceMemoryException e) {
      throw e.forCallers();
    } catch (BackendException e) {
      throw new BackendException(
          "cuBLAS cannot be had (%s); it needs CUDA's libcublas and a TornadoVM SDK that was built with it: leave -D%s=%s out"
              .formatted(OneLine.reason(e), TornadoDevices.KERNELS_PROPERTY, NAME),
          e);
    }
  }
}
