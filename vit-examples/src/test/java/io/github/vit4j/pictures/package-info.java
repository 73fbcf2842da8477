/** What is on the pictures. */
@NullMarked
package io.github.vit4j.pictures;

import org.jspecify.annotations.NullMarked;
