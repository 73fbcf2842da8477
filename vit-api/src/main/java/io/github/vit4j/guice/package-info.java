/** The same objects, injectable. */
@NullMarked
package io.github.vit4j.guice;

import org.jspecify.annotations.NullMarked;
