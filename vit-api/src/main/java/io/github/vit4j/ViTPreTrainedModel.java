package io.github.vit4j;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.spi.SessionInfo;
import java.nio.file.Path;

/**
 * What the three model classes have in common, as HuggingFace's class of that name. Thread-safe;
 * closing a model releases the engine's memory.
 */
public sealed interface ViTPreTrainedModel extends AutoCloseable
    permits ViTModel, ViTForImageClassification, ViTForMaskedImageModeling {
  /** {@return sizes, functions and labels} */
  ViTConfig config();

  /** {@return what the model really runs on: backend, device, precision, threads} */
  SessionInfo info();

  /** {@return one line: why this backend and device were chosen} */
  String backendReason();

  /**
   * Writes {@code config.json} and {@code model.safetensors} so that Python's {@code
   * from_pretrained} of the same class loads them without a warning; a {@link ViTModel} without a
   * pooler needs {@code add_pooling_layer=False} there. The weights keep their element type.
   *
   * @param directory where to write; created where it is not there
   * @throws ViTException if the files cannot be written, or if the model is an exported graph
   */
  void savePretrained(Path directory);

  /** Waits for calls under way, then releases the engine's memory. */
  @Override
  void close();
}
