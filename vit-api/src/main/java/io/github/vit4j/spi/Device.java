package io.github.vit4j.spi;

import java.util.Objects;
import java.util.Set;

/**
 * Something that a backend can run on.
 *
 * @param name short, unique within the backend and stable, for example {@code cpu}, {@code cuda:0},
 *     {@code tornado:0:1}
 * @param description for people, for example the processor's model name
 * @param precisions what it can compute in, here and now
 */
public record Device(String name, String description, Set<Precision> precisions) {
  /** Copies the set and checks that nothing is null. */
  public Device {
    Objects.requireNonNull(name, "a device has a name");
    Objects.requireNonNull(description, "a device has a description");
    Objects.requireNonNull(precisions, "a device has precisions");
    precisions = Set.copyOf(precisions);
  }
}
