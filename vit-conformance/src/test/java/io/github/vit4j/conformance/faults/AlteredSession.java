package io.github.vit4j.conformance.faults;

import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import java.util.function.Function;

/**
 * A correct session that runs and closes in another way.
 *
 * @param correct gives the info
 * @param body what {@link #run} does
 * @param release what {@link #close} does
 */
record AlteredSession(ViTSession correct, Function<ViTInputs, ViTOutputs> body, Runnable release)
    implements ViTSession {
  @Override
  public ViTOutputs run(ViTInputs inputs) {
    return body.apply(inputs);
  }

  @Override
  public SessionInfo info() {
    return correct.info();
  }

  @Override
  public void close() {
    release.run();
  }
}
