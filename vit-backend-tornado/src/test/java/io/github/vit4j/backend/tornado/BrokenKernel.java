package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.PassExecutor.PreparedPass;
import io.github.vit4j.spi.Output;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import uk.ac.manchester.tornado.api.annotations.Parallel;

/** Kernels that fail, on a device. A class of its own: it is not loaded without TornadoVM. */
final class BrokenKernel {
  private static final AtomicBoolean RAN_IN_JAVA = new AtomicBoolean();

  private BrokenKernel() {}

  /** No device has a clock or atomic objects of Java's. */
  static void askForTheTime(float[] x) {
    for (@Parallel int i = 0; i < x.length; i++) {
      RAN_IN_JAVA.set(true);
      x[i] = System.nanoTime();
    }
  }

  static boolean ranInJava() {
    return RAN_IN_JAVA.get();
  }

  /** Runs a forward pass of one kernel that cannot be compiled. */
  static void run(String device) {
    RAN_IN_JAVA.set(false);
    runOneStep(
        device,
        (step, target) ->
            target
                .graph()
                .task(
                    target.task(),
                    BrokenKernel::askForTheTime,
                    target.arrays().of(((Step.FirstTokens) step).y())));
  }

  /** Fails as TornadoVM does where device memory is used up. */
  static void runTooLarge(String device) {
    runOneStep(
        device,
        (step, target) -> {
          throw new IllegalStateException("Unable to allocate 5000000000 bytes of memory.");
        });
  }

  private static void runOneStep(String device, Adder adder) {
    Buffer x = new Buffer("x", 64);
    Buffer y = new Buffer("y", 64);
    ForwardPass pass =
        new ForwardPass(
            x,
            null,
            List.of(new Step.FirstTokens(x, y, 1, 1, 1, 1)),
            List.of(new ForwardPass.Result(Output.LOGITS, 0, y, 1, 1, 1)));
    try (PassExecutor executor = TornadoDevices.open(device, new Family(adder));
        PreparedPass prepared = executor.prepare(pass)) {
      prepared.run();
    }
  }

  private interface Adder {
    void add(Step step, KernelFamily.Target target);
  }

  private record Family(Adder adder) implements KernelFamily {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public void add(Step step, Target target) {
      adder.add(step, target);
    }
  }
}
