/** The model's configuration, in HuggingFace's fields. */
@NullMarked
package io.github.vit4j.config;

import org.jspecify.annotations.NullMarked;
