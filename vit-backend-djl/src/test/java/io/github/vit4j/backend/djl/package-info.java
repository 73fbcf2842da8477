@NullMarked
package io.github.vit4j.backend.djl;

import org.jspecify.annotations.NullMarked;
