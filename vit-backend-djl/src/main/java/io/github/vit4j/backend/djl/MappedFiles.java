package io.github.vit4j.backend.djl;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.weights.FileIdentity;
import io.github.vit4j.weights.FileRegion;
import io.github.vit4j.weights.Weight;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The files whose mapped bytes PyTorch reads. The mapping keeps the bytes of a file that was
 * replaced, but shows what is written to the file itself.
 */
final class MappedFiles {
  private record MappedFile(Path path, FileIdentity identity) {}

  private final Set<MappedFile> files = new LinkedHashSet<>();

  MappedFiles(Iterable<Weight> weights) {
    for (Weight weight : weights) {
      FileRegion region = weight.region();
      if (region != null && region.identity() != null) {
        files.add(new MappedFile(region.file(), region.identity()));
      }
    }
  }

  /**
   * Looks whether they hold what they held.
   *
   * @throws BackendException if one was written to
   */
  void check() {
    for (MappedFile file : files) {
      if (file.identity.stateOf(file.path) == FileIdentity.State.CHANGED) {
        throw new BackendException(
            "%s was changed while a model from it was in use; load the model again"
                .formatted(file.path));
      }
    }
  }
}
