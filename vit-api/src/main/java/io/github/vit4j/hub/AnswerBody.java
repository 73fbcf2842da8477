package io.github.vit4j.hub;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, handed out part by part to one reader, who waits no longer than he wants
 * to. Nothing is asked of the network before the reader asks for it, so little is held in memory.
 */
final class AnswerBody implements BodySubscriber<AnswerBody>, AutoCloseable {
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  // The answer may be handed out before its body is subscribed to.
  private Flow.@Nullable Subscription subscription;
  private boolean wanted;
  private boolean closed;

  private sealed interface Event {
    record Part(List<ByteBuffer> buffers) implements Event {}

    record End() implements Event {}

    record Failed(Throwable failure) implements Event {}
  }

  @Override
  public CompletionStage<AnswerBody> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription given) {
    if (closed || subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    if (wanted) {
      given.request(1);
    }
  }

  private synchronized void want() {
    wanted = true;
    if (subscription != null) {
      subscription.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Event.Part(buffers));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new Event.Failed(failure));
  }

  @Override
  public void onComplete() {
    events.add(new Event.End());
  }

  /**
   * The next part, null at the end.
   *
   * @throws HttpTimeoutException if nothing arrives in that time
   * @throws IOException if the connection fails
   */
  @Nullable List<ByteBuffer> next(Duration wait) throws IOException, InterruptedException {
    want();
    Event event = events.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    return switch (event) {
      case null -> throw new HttpTimeoutException("nothing arrived for " + wait.toSeconds() + " s");
      case Event.Part part -> part.buffers();
      case Event.End end -> null;
      case Event.Failed failed ->
          throw new IOException(
              failed.failure().getMessage() == null
                  ? "the connection was cut"
                  : failed.failure().getMessage(),
              failed.failure());
    };
  }

  /** Ends the exchange; what is still on its way is dropped. */
  @Override
  public synchronized void close() {
    closed = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
