@NullMarked
package io.github.vit4j.conformance;

import org.jspecify.annotations.NullMarked;
