package io.github.vit4j.bench;

/**
 * What we mean to reach.
 *
 * @param what of which measurement
 * @param figure the ratio that was measured, ours to Python's
 * @param most the ratio that is good enough
 */
public record Target(String what, double figure, double most) {
  /** Whether it is reached. */
  public boolean isMet() {
    return figure <= most;
  }
}
