package io.github.vit4j.conformance.reference;

import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Lets runs in side by side until it is closed; closing waits for those inside. */
final class ReferenceSession implements ViTSession {
  private final ModelDefinition model;
  private final SessionInfo info;
  private final Workers workers;

  /** Read by runs, written by closing; fair, so that closing is not kept waiting by new runs. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock(true);

  private boolean closed;

  ReferenceSession(ModelDefinition model, int threads, SessionInfo info) {
    this.model = model;
    this.info = info;
    this.workers = new Workers(threads);
  }

  @Override
  public ViTOutputs run(ViTInputs inputs) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("this session is closed");
      }
      inputs.checkAgainst(model);
      ReferenceOutputs outputs = new ReferenceOutputs(model, inputs);
      new ReferenceModel(model, workers).forward(inputs, outputs);
      return outputs.toViTOutputs();
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public SessionInfo info() {
    return info;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      workers.close();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
