/** Where a model's files come from. */
@NullMarked
package io.github.vit4j.hub;

import org.jspecify.annotations.NullMarked;
