/** The backend {@code tornado}: the model in Java kernels, on the JVM or on TornadoVM's devices. */
@NullMarked
package io.github.vit4j.backend.tornado;

import org.jspecify.annotations.NullMarked;
