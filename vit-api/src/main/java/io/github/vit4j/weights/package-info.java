/** Checkpoints: safetensors read and written, shards, parameter names, random initialisation. */
@NullMarked
package io.github.vit4j.weights;

import org.jspecify.annotations.NullMarked;
