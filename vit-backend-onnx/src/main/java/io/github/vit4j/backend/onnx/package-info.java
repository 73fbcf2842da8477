/** Runs models on ONNX Runtime, from a graph that is built here or from one that was exported. */
@NullMarked
package io.github.vit4j.backend.onnx;

import org.jspecify.annotations.NullMarked;
