/** Programs that measure. */
@NullMarked
package io.github.vit4j.benchmark;

import org.jspecify.annotations.NullMarked;
