package io.github.vit4j.runtime;

import io.github.vit4j.spi.Precision;

/**
 * What is wanted of a backend. {@code auto} leaves a choice to the {@link BackendRegistry};
 * anything else is met or refused.
 *
 * @param backend a provider's name, or {@code auto}
 * @param device a device's name, its part before a colon for the first of its kind ({@code cuda}),
 *     or {@code auto}
 * @param precision the arithmetic
 */
public record BackendRequest(String backend, String device, Precision precision) {
  /** Leaves the choice to the registry. */
  public static final String AUTO = "auto";

  boolean backendIsAuto() {
    return backend.equals(AUTO);
  }

  boolean deviceMatches(String name) {
    return device.equals(AUTO) || device.equals(name) || name.startsWith(device + ":");
  }

  /** {@return the request on a line, for example {@code backend auto, device cuda, float32}} */
  @Override
  public String toString() {
    return "backend %s, device %s, %s".formatted(backend, device, precision);
  }
}
