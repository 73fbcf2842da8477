package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A model that was really trained, on a real photo; expected are the scores of transformers. */
class RealModelTest {
  @Test
  void vitTinySeesTheCats() {
    Vit vit =
        Vit.run(
                "classify",
                "--model",
                Fixtures.shared("models/vit-tiny-patch16-224"),
                "--top-k=3",
                Fixtures.shared("photos/01-coco/000000039769.png"))
            .succeeds();
    assertThat(vit.out().lines())
        .containsExactly("  0.698  tabby", "  0.152  Egyptian cat", "  0.114  tiger cat");
  }
}
