@NullMarked
package io.github.vit4j.readme;

import org.jspecify.annotations.NullMarked;
