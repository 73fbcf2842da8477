/** The backend {@code djl}: the model as TorchScript on the PyTorch engine of DJL. */
@NullMarked
package io.github.vit4j.backend.djl;

import org.jspecify.annotations.NullMarked;
