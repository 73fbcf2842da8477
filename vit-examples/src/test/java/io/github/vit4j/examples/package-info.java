/** What the examples find, against what HuggingFace transformers and Pillow find. */
@NullMarked
package io.github.vit4j.examples;

import org.jspecify.annotations.NullMarked;
