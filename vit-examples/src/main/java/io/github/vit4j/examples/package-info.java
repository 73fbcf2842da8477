/**
 * The five use cases, each one program that reads top to bottom; {@code ./vit example NAME} runs
 * them.
 */
@NullMarked
package io.github.vit4j.examples;

import org.jspecify.annotations.NullMarked;
