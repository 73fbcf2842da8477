@NullMarked
package io.github.vit4j.backend.tornado.kernels;

import org.jspecify.annotations.NullMarked;
