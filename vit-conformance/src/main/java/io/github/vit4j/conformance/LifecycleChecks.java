package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.asking;
import static io.github.vit4j.conformance.Checks.finding;
import static io.github.vit4j.conformance.Checks.notConforming;
import static io.github.vit4j.conformance.Checks.require;

import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Requirements 6.4, 6.8 and 6.9: several threads, and closing. */
final class LifecycleChecks {
  private static final int CALLERS = 4;
  private static final int ROUNDS = 25;

  /** Long enough to tell a run that is under way from one that is over. */
  private static final long LONG_RUN_NANOSECONDS = 40_000_000;

  private static final int TIMED_RUNS = 5;
  private static final int MOST_IMAGES = 1 << 14;
  private static final int CLOSINGS = 7;
  private static final int MOST_CLOSINGS = 40;

  private final Subject subject;

  private LifecycleChecks(Subject subject) {
    this.subject = subject;
  }

  static List<Check> of(Subject subject) {
    LifecycleChecks checks = new LifecycleChecks(subject);
    List<Check> all = new ArrayList<>();
    for (String name : List.of("classifier", "model_with_pooler", "masked")) {
      ReferenceCase reference = ReferenceCases.named(name);
      all.add(
          finding(
              Requirement.CONCURRENT_CALLERS,
              name + ": %d threads, all runs".formatted(CALLERS),
              () -> checks.servesCallers(reference)));
    }
    all.add(
        finding(
            Requirement.CONCURRENT_CALLERS,
            "threads that open, run and close",
            checks::opensInThreads));
    all.add(finding(Requirement.CLOSED_SESSION, "run after close", checks::refusesAfterClose));
    all.add(finding(Requirement.CLOSED_SESSION, "closed twice", checks::closesTwice));
    all.add(
        finding(
            Requirement.CLOSED_SESSION,
            "closed without a run",
            () -> checks.openClassifier().close()));
    all.add(finding(Requirement.CLOSE_WAITS, "a run under way", checks::closeWaits));
    return all;
  }

  private ViTSession openClassifier() {
    return Checks.open(subject, ReferenceCases.named("classifier").model());
  }

  /** Each thread begins elsewhere, so that different runs meet. */
  private void servesCallers(ReferenceCase reference) throws InterruptedException {
    List<ReferenceRun> runs =
        reference.runs().stream().filter(run -> run.requirement() != Requirement.LOSSES).toList();
    try (ViTSession session = Checks.open(subject, reference.model())) {
      inThreads(
          caller -> {
            for (int i = 0; i < ROUNDS * runs.size(); i++) {
              ReferenceRun run = runs.get((caller + i) % runs.size());
              try {
                Checks.compare(subject, session.run(run.inputs()), run.expected());
              } catch (Checks.NotConforming e) {
                throw notConforming("%s: %s", run.name(), String.valueOf(e.getMessage()));
              }
            }
          });
    }
  }

  private void opensInThreads() throws InterruptedException {
    ReferenceCase reference = ReferenceCases.named("classifier");
    ModelDefinition model = reference.model();
    ReferenceRun run = BehaviourChecks.everything(reference);
    inThreads(
        caller -> {
          for (int i = 0; i < ROUNDS / CALLERS; i++) {
            try (ViTSession session = Checks.open(subject, model)) {
              Checks.compare(subject, session.run(run.inputs()), run.expected());
            }
          }
        });
  }

  private interface Caller {
    void call(int index);
  }

  private static void inThreads(Caller caller) throws InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(CALLERS, LifecycleChecks::daemon);
    try {
      CountDownLatch ready = new CountDownLatch(CALLERS);
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int index = i;
        futures.add(
            executor.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  caller.call(index);
                  return index;
                }));
      }
      for (Future<?> future : futures) {
        Checks.await(future);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  /** One that hangs must not keep the JVM from ending. */
  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "conformance");
    thread.setDaemon(true);
    return thread;
  }

  private void refusesAfterClose() {
    ReferenceCase reference = ReferenceCases.named("classifier");
    ViTInputs inputs = asking(BehaviourChecks.everything(reference).inputs(), Output.LOGITS);
    ViTSession session = openClassifier();
    session.run(inputs);
    session.close();
    for (int i = 0; i < 2; i++) {
      boolean refused = false;
      try {
        session.run(inputs);
      } catch (IllegalStateException e) {
        refused = true;
        require(
            String.valueOf(e.getMessage()).lines().count() == 1,
            "the message is not one line: %s",
            Checks.describe(e));
      } catch (RuntimeException e) {
        throw notConforming("threw %s, expected IllegalStateException", Checks.describe(e));
      }
      require(refused, "a closed session ran");
    }
    session.info();
  }

  private void closesTwice() {
    ViTSession session = openClassifier();
    session.close();
    session.close();
    // Closing again must not release what somebody else has got by now.
    ReferenceCase reference = ReferenceCases.named("classifier");
    ReferenceRun run = BehaviourChecks.everything(reference);
    try (ViTSession other = openClassifier()) {
      session.close();
      Checks.compare(subject, other.run(run.inputs()), run.expected());
    }
  }

  /**
   * Closes while a long run is under way, and looks at what cannot be mistaken: a run that returns
   * long after closing did, or that is told that the session is closed although it had begun, more
   * often than not.
   */
  private void closeWaits() throws InterruptedException {
    ReferenceCase reference = ReferenceCases.named("model_without_pooler");
    ModelDefinition model = reference.model();
    ViTInputs inputs = longRun(model);
    byte[] expected;
    // The shortest of several: on a busy machine one may take so long that the others are over by
    // the half of it.
    long duration = Long.MAX_VALUE;
    try (ViTSession session = Checks.open(subject, model)) {
      expected = result(session, inputs);
      for (int i = 0; i < TIMED_RUNS; i++) {
        long begin = System.nanoTime();
        result(session, inputs);
        duration = Math.min(duration, System.nanoTime() - begin);
      }
    }
    int underWay = 0;
    int late = 0;
    int refused = 0;
    for (int i = 0; i < MOST_CLOSINGS && underWay + refused < CLOSINGS; i++) {
      Closing closing = close(model, inputs, expected, duration);
      switch (closing) {
        case RUN_WAS_OVER -> {}
        case RUN_ENDED_FIRST -> underWay++;
        case RUN_ENDED_LATER -> {
          underWay++;
          late++;
        }
        case RUN_WAS_REFUSED -> refused++;
      }
    }
    if (underWay + refused == 0) {
      throw new Checks.NotJudged("no run was still under way when the session was closed");
    }
    require(
        2 * late <= underWay,
        "closing returned while a run was still under way, %d times of %d",
        late,
        underWay);
    // Now and then a thread comes too late, on a busy machine.
    require(
        refused <= underWay,
        "closing broke off a run that was under way, %d times of %d",
        refused,
        refused + underWay);
  }

  /** What became of a run while its session was closed. */
  private enum Closing {
    RUN_WAS_OVER,
    RUN_ENDED_FIRST,
    RUN_ENDED_LATER,
    RUN_WAS_REFUSED
  }

  private Closing close(ModelDefinition model, ViTInputs inputs, byte[] expected, long duration)
      throws InterruptedException {
    ViTSession session = Checks.open(subject, model);
    session.run(inputs);
    AtomicLong ended = new AtomicLong();
    AtomicBoolean refused = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    ExecutorService executor = Executors.newSingleThreadExecutor(LifecycleChecks::daemon);
    try {
      Future<?> run =
          executor.submit(
              () -> {
                begun.countDown();
                try {
                  byte[] actual = result(session, inputs);
                  ended.set(System.nanoTime());
                  require(
                      Arrays.equals(expected, actual),
                      "a run gave other numbers because the session was closed meanwhile");
                } catch (IllegalStateException e) {
                  refused.set(true);
                }
              });
      begun.await();
      TimeUnit.NANOSECONDS.sleep(duration / 2);
      long closing = System.nanoTime();
      session.close();
      long closed = System.nanoTime();
      Checks.await(run);
      if (refused.get()) {
        return Closing.RUN_WAS_REFUSED;
      }
      if (ended.get() < closing) {
        return Closing.RUN_WAS_OVER;
      }
      return ended.get() - closed > duration / 4
          ? Closing.RUN_ENDED_LATER
          : Closing.RUN_ENDED_FIRST;
    } finally {
      executor.shutdownNow();
    }
  }

  private static byte[] result(ViTSession session, ViTInputs inputs) {
    Tensor states = session.run(inputs).lastHiddenState();
    return states == null ? new byte[0] : states.data().toArray(ValueLayout.JAVA_BYTE);
  }

  /** As many images as keep this backend busy for a while. */
  private ViTInputs longRun(ModelDefinition model) {
    try (ViTSession session = Checks.open(subject, model)) {
      for (int images = 16; ; images *= 2) {
        float[] pixels = new float[images * 3 * 16 * 16];
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] = (i % 17) / 8f - 1;
        }
        ViTInputs inputs =
            new ViTInputs(
                Tensor.of(pixels, images, 3, 16, 16),
                null,
                false,
                Set.of(Output.LAST_HIDDEN_STATE));
        session.run(inputs);
        long begin = System.nanoTime();
        session.run(inputs);
        if (System.nanoTime() - begin > LONG_RUN_NANOSECONDS || images == MOST_IMAGES) {
          return inputs;
        }
      }
    }
  }
}
