/** JMH benchmarks of preprocessing; see the profile "benchmark" of vit-api. */
@NullMarked
package io.github.vit4j.jmh;

import org.jspecify.annotations.NullMarked;
