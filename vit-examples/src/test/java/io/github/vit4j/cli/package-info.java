/** Tests of the command line, run inside this process. */
@NullMarked
package io.github.vit4j.cli;

import org.jspecify.annotations.NullMarked;
