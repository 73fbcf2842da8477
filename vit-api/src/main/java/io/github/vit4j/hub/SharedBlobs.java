package io.github.vit4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The store of bytes that newer versions of huggingface_hub share between repositories
 * (huggingface_hub/utils/_shared_blobs.py): there, a repository's blob is a link to {@code
 * blobs/XX/HASH} in the folder of the cache, and {@code HASH.refs} lists these links. ViT4J reads
 * through the links and adds nothing; but what it removes must not stay there for ever.
 *
 * @param root the folder of the cache
 */
record SharedBlobs(Path root) {
  private static final String MARKER = ".huggingface-shared-blobs";
  private static final String LAYOUT = "1\n";
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** What a repository's blob links to in the store, empty if it does not. */
  Optional<Path> payload(Path blob) throws IOException {
    if (!Files.isSymbolicLink(blob) || !isStore()) {
      return Optional.empty();
    }
    Path target = blob.resolveSibling(Files.readSymbolicLink(blob)).normalize();
    Path prefix = target.getParent();
    boolean inside =
        prefix != null
            && root.resolve("blobs").equals(prefix.getParent())
            && HASH.matcher(target.getFileName().toString()).matches()
            && target.getFileName().toString().startsWith(prefix.getFileName().toString());
    return inside ? Optional.of(target) : Optional.empty();
  }

  private boolean isStore() throws IOException {
    Path marker = root.resolve("blobs").resolve(MARKER);
    return Files.isRegularFile(marker, LinkOption.NOFOLLOW_LINKS)
        && Files.size(marker) == LAYOUT.length()
        && Files.readString(marker).equals(LAYOUT);
  }

  /**
   * Removes bytes that no link leads to any more. Without a list of links they stay, as {@code
   * sweep_shared_blob} leaves them.
   *
   * @return how many bytes went
   */
  long sweep(Path payload) throws IOException {
    Path manifest = payload.resolveSibling(payload.getFileName() + ".refs");
    try (CacheLock _ = CacheLock.acquire(payload.resolveSibling(payload.getFileName() + ".lock"))) {
      if (!Files.isRegularFile(manifest, LinkOption.NOFOLLOW_LINKS)
          || !Files.isRegularFile(payload, LinkOption.NOFOLLOW_LINKS)) {
        return 0;
      }
      List<String> links = Files.readAllLines(manifest);
      for (String link : links) {
        if (HubNames.isRelativePath(link)
            && payload(root.resolve(link)).filter(payload::equals).isPresent()) {
          return 0;
        }
      }
      long bytes = Files.size(payload);
      Files.delete(payload);
      Files.delete(manifest);
      return bytes;
    } catch (InterruptedException e) {
      throw Retries.interrupted("remove " + Objects.requireNonNull(payload.getFileName()), e);
    }
  }
}
