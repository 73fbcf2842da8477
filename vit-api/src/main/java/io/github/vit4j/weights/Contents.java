package io.github.vit4j.weights;

import java.util.Map;

/**
 * What a file of tensors holds.
 *
 * @param weights by name, in the order of the file
 * @param unsupported the dtypes, by name, of tensors that no element type stands for
 * @param metadata the free strings of the header
 */
record Contents(
    Map<String, Weight> weights, Map<String, String> unsupported, Map<String, String> metadata) {}
