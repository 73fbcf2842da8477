/**
 * The arithmetic of the model: static methods over arrays that TornadoVM compiles for a device and
 * that run as they are on the JVM. Public for the other packages of this backend only.
 */
@NullMarked
package io.github.vit4j.backend.tornado.kernels;

import org.jspecify.annotations.NullMarked;
