/** What a conformance run found out, as text, JSON and a page of HTML. */
@NullMarked
package io.github.vit4j.conformance.report;

import org.jspecify.annotations.NullMarked;
