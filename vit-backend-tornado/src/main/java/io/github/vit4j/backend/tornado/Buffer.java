package io.github.vit4j.backend.tornado;

/**
 * An array that the steps of a forward pass work on; two are the same only if they are the same
 * object. Zero at first.
 */
final class Buffer {
  private final String name;
  private final int length;

  /**
   * Plans an array.
   *
   * @param name for people
   * @param length in floats
   */
  Buffer(String name, int length) {
    this.name = name;
    this.length = length;
  }

  int length() {
    return length;
  }

  @Override
  public String toString() {
    return name + "[" + length + "]";
  }
}
