package io.github.vit4j.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * A model at a commit in the cache.
 *
 * @param id {@code namespace/name}
 * @param commit in full
 * @param revisions the branches and tags that meant this commit when the hub was last asked; sorted
 * @param bytes the size of the files that are there, each counted once
 * @param path the folder that holds them
 */
public record CachedModel(String id, String commit, List<String> revisions, long bytes, Path path) {
  /** Copies the list. */
  public CachedModel {
    revisions = List.copyOf(revisions);
  }
}
