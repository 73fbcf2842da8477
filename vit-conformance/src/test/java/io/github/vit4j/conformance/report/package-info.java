/** Tests of the reports. */
@NullMarked
package io.github.vit4j.conformance.report;

import org.jspecify.annotations.NullMarked;
