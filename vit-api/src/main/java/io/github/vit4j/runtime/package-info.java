/** Finds, ranks, chooses and explains backends. */
@NullMarked
package io.github.vit4j.runtime;

import org.jspecify.annotations.NullMarked;
