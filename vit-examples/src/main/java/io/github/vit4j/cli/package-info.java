/** The {@code vit} command line. */
@NullMarked
package io.github.vit4j.cli;

import org.jspecify.annotations.NullMarked;
