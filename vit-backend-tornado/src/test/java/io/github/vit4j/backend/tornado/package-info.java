@NullMarked
package io.github.vit4j.backend.tornado;

import org.jspecify.annotations.NullMarked;
