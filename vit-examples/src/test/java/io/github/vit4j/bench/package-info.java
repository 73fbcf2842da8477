@NullMarked
package io.github.vit4j.bench;

import org.jspecify.annotations.NullMarked;
