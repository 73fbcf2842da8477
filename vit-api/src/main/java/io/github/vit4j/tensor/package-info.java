/** Shape, element type and native memory. */
@NullMarked
package io.github.vit4j.tensor;

import org.jspecify.annotations.NullMarked;
