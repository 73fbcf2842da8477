/**
 * The definition of the model in plain Java, as a backend: what every other backend is to compute,
 * and the sample to start one's own from.
 */
@NullMarked
package io.github.vit4j.conformance.reference;

import org.jspecify.annotations.NullMarked;
