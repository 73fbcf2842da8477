/** Files in, labels or vectors out. */
@NullMarked
package io.github.vit4j.pipeline;

import org.jspecify.annotations.NullMarked;
