/** What a backend implements, and what it is given. */
@NullMarked
package io.github.vit4j.spi;

import org.jspecify.annotations.NullMarked;
