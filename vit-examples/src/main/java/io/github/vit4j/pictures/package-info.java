/**
 * What the use cases show: each picture a class that draws a result with Java2D. No display, no
 * fonts of the operating system, and the same bytes on every machine.
 */
@NullMarked
package io.github.vit4j.pictures;

import org.jspecify.annotations.NullMarked;
