/** Backends that are wrong on purpose, each in one way, and the requirement that has to find it. */
@NullMarked
package io.github.vit4j.conformance.faults;

import org.jspecify.annotations.NullMarked;
