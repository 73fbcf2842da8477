/**
 * {@code ./vit bench} and {@code ./vit soak}: how fast the backends are, beside Python in the same
 * run, and whether they stay as they are over thousands of runs.
 */
@NullMarked
package io.github.vit4j.bench;

import org.jspecify.annotations.NullMarked;
