package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.spi.Output;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForwardPassBuilderTest {
  private static final ReferenceCase CASE = ReferenceCases.named("classifier");
  private static final ViTConfig CONFIG = CASE.config();
  private static final PackedWeights WEIGHTS = WeightPacker.pack(CASE.model());

  private static ForwardPass build(Output... outputs) {
    return ForwardPassBuilder.build(
        CONFIG, WEIGHTS, Set.of(outputs), 3, CONFIG.imageSize(), false, new float[0]);
  }

  private static <T extends Step> List<T> steps(ForwardPass pass, Class<T> type) {
    return pass.steps().stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void forLogitsTheLastLayerComputesNothingButTheFirstTokens() {
    ForwardPass pass = build(Output.LOGITS);
    List<Step.Attention> attentions = steps(pass, Step.Attention.class);
    assertThat(attentions).hasSize(CONFIG.numHiddenLayers());
    assertThat(attentions.getLast().queries()).isEqualTo(1);
    assertThat(attentions.getFirst().queries()).isEqualTo(CONFIG.numPatches() + 1);
    assertThat(attentions).allMatch(step -> step.probabilities() == null);
    int last = pass.steps().indexOf(attentions.getLast());
    assertThat(pass.steps().subList(last + 1, pass.steps().size()))
        .allSatisfy(
            step -> {
              if (step instanceof Step.Linear linear) {
                assertThat(linear.rows()).isEqualTo(3);
              }
              if (step instanceof Step.LayerNorm norm) {
                assertThat(norm.rows()).isEqualTo(3);
              }
            });
    assertThat(pass.results())
        .extracting(ForwardPass.Result::output)
        .containsExactly(Output.LOGITS);
  }

  @Test
  void forAttentionsNothingFollowsTheLastOnes() {
    ForwardPass pass = build(Output.ATTENTIONS);
    assertThat(pass.steps().getLast()).isInstanceOf(Step.Attention.class);
    assertThat(pass.results()).hasSize(CONFIG.numHiddenLayers());
  }

  @Test
  void hiddenStatesHaveBuffersOfTheirOwn() {
    ForwardPass pass = build(Output.HIDDEN_STATES);
    assertThat(pass.results()).hasSize(CONFIG.numHiddenLayers() + 1);
    assertThat(pass.results()).extracting(ForwardPass.Result::buffer).doesNotHaveDuplicates();
    List<Step.Linear> linears = steps(build(Output.LAST_HIDDEN_STATE), Step.Linear.class);
    assertThat(linears)
        .filteredOn(linear -> linear.residual() != null)
        .as("without them one buffer is enough")
        .extracting(linear -> System.identityHashCode(linear.y()))
        .hasSize(2 * CONFIG.numHiddenLayers())
        .containsOnly(System.identityHashCode(linears.getLast().y()));
  }

  @Test
  void arraysThatCannotBeAreRefused() {
    assertThatThrownBy(
            () ->
                ForwardPassBuilder.build(
                    CONFIG,
                    WEIGHTS,
                    Set.of(Output.LOGITS),
                    1 << 20,
                    new ImageSize(4096, 4096),
                    false,
                    new float[0]))
        .isInstanceOf(ArithmeticException.class);
  }
}
