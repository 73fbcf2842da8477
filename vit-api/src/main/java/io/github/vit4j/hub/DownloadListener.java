package io.github.vit4j.hub;

/**
 * Is told how far downloads have come. Several files are downloaded at once, so it is called from
 * several threads at the same time; the calls for one file come one after the other. What it throws
 * ends the download.
 */
@FunctionalInterface
public interface DownloadListener {
  /** Ignores everything. */
  DownloadListener NONE = (file, bytes, total) -> {};

  /**
   * Called when a download begins, with every part that arrives, and at its end, where {@code
   * bytes} equals {@code total}. Files that are in the cache are not mentioned.
   *
   * @param file the repository's id and the name in it, for example {@code
   *     google/vit-base-patch16-224/model.safetensors}
   * @param bytes how many are there so far, those of an earlier attempt included; falls back when a
   *     file has to be started anew
   * @param total how many there will be, or -1 as long as that is not known
   */
  void progress(String file, long bytes, long total);
}
