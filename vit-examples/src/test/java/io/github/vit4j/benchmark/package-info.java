/** What the benchmarks in Python start. */
@NullMarked
package io.github.vit4j.benchmark;

import org.jspecify.annotations.NullMarked;
