/**
 * Where a model's files come from: a directory, the class path, or the HuggingFace hub by way of
 * the cache that Python shares.
 */
@NullMarked
package io.github.vit4j.hub;

import org.jspecify.annotations.NullMarked;
