package io.github.vit4j.pipeline;

/**
 * A label and how much the model believes in it.
 *
 * @param label its name
 * @param index its class index
 * @param score from 0 to 1 after a softmax or sigmoid; a logit when no function was applied
 */
public record Classification(String label, int index, float score) {}
