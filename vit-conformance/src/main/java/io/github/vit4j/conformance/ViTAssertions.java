package io.github.vit4j.conformance;

import io.github.vit4j.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** AssertJ assertions for ViT4J's types, to import beside AssertJ's own. */
public final class ViTAssertions {
  private ViTAssertions() {}

  /**
   * {@return an assertion about a tensor, to which conditions are added}
   *
   * @param actual the tensor; null fails every condition
   */
  public static TensorAssert assertThat(@Nullable Tensor actual) {
    return new TensorAssert(actual);
  }
}
