/**
 * Judges any backend against HuggingFace transformers.
 *
 * <p>An author of a backend extends {@code BackendConformanceKit} in a test; a tool runs {@link
 * io.github.vit4j.conformance.ConformanceSuite}, which needs neither JUnit nor AssertJ. Expected
 * numbers are the reference cases.
 */
@NullMarked
package io.github.vit4j.conformance;

import org.jspecify.annotations.NullMarked;
