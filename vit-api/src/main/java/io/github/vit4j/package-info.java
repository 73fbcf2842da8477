/** HuggingFace's ViT classes: configuration aside, everything that a user calls. */
@NullMarked
package io.github.vit4j;

import org.jspecify.annotations.NullMarked;
