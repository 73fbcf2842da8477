package io.github.vit4j.conformance;

import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.util.List;
import java.util.Set;

/** A backend that is only asked for its name and availability. */
record FakeBackend(String name, Availability availability) implements BackendProvider {
  /** One with two devices and three subjects. */
  static final FakeBackend ABACUS =
      new FakeBackend(
          "abacus",
          new Availability.Available(
              "Abacus 1.0",
              List.of(
                  new Device("cpu", "beads", Set.of(Precision.FP16, Precision.FP32)),
                  new Device("npu", "glass beads", Set.of(Precision.INT8)))));

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    throw new UnsupportedOperationException();
  }
}
