@NullMarked
package io.github.vit4j.backend.onnx;

import org.jspecify.annotations.NullMarked;
