package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.weights.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * One repository's folder in the cache, laid out as {@code hf_hub_download} of
 * huggingface_hub/file_download.py does: {@code blobs/ETAG} holds the bytes, {@code
 * snapshots/COMMIT/FILE} links to them, {@code refs/REVISION} holds a commit, and {@code
 * .no_exist/COMMIT/FILE} says that there is no such file.
 *
 * @param root the folder of the cache
 * @param symlinks whether links may be tried
 */
record RepositoryCache(Path root, RepositoryId repository, boolean symlinks) {
  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());
  private static final int MAX_REF_BYTES = 256;

  /** {@code CACHEDIR_TAG_CONTENT}: programs that make back-ups leave such a folder out. */
  private static final String TAG =
      """
      Signature: 8a477f597d28d172789f06886806bc55
      # This file is a cache directory tag created by huggingface_hub.
      # For information about cache directory tags, see:
      #\thttps://bford.info/cachedir/
      """;

  static RepositoryCache of(HubSettings settings, RepositoryId repository) {
    return new RepositoryCache(settings.cache(), repository, settings.symlinks());
  }

  Path directory() {
    return root.resolve(repository.folder());
  }

  Path snapshot(String commit) {
    return directory().resolve("snapshots").resolve(commit);
  }

  Path pointer(String commit, String file) {
    return snapshot(commit).resolve(file);
  }

  Path blob(String etag) {
    return directory().resolve("blobs").resolve(etag);
  }

  Path lock(String etag) {
    return root.resolve(".locks").resolve(repository.folder()).resolve(etag + ".lock");
  }

  private Path ref(String revision) {
    return directory().resolve("refs").resolve(revision);
  }

  private Path missing(String commit, String file) {
    return directory().resolve(".no_exist").resolve(commit).resolve(file);
  }

  /** Whether a file of a commit is there, with its bytes. */
  boolean holds(String commit, String file) {
    return Files.isRegularFile(pointer(commit, file));
  }

  boolean holdsSnapshot(String commit) {
    return Files.isDirectory(snapshot(commit));
  }

  /** The commit that a revision meant when the hub was last asked. */
  Optional<String> commit(String revision) {
    if (HubNames.isCommit(revision)) {
      return Optional.of(revision);
    }
    return readCommit(ref(revision));
  }

  /** The commit that a file holds. */
  static Optional<String> readCommit(Path ref) {
    try (InputStream in = Files.newInputStream(ref)) {
      String commit = new String(in.readNBytes(MAX_REF_BYTES), StandardCharsets.UTF_8).strip();
      return HubNames.isCommit(commit) ? Optional.of(commit) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Notes what a revision means now; a cache that cannot be written to stays as it is. */
  void remember(String revision, String commit) {
    if (revision.equals(commit) || commit(revision).filter(commit::equals).isPresent()) {
      return;
    }
    try {
      Files.createDirectories(Objects.requireNonNull(ref(revision).getParent()));
      AtomicFile.write(
          ref(revision),
          channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(commit.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
          });
    } catch (IOException e) {
      LOGGER.log(
          System.Logger.Level.DEBUG, "cannot note the commit of {0}: {1}", revision, e.toString());
    }
  }

  boolean knowsMissing(String commit, String file) {
    return Files.isRegularFile(missing(commit, file));
  }

  /** Notes that a commit has no such file, so that nobody asks again; best effort. */
  void rememberMissing(String commit, String file) {
    Path marker = missing(commit, file);
    try {
      Files.createDirectories(Objects.requireNonNull(marker.getParent()));
      Files.createFile(marker);
    } catch (FileAlreadyExistsException e) {
      // known
    } catch (IOException e) {
      LOGGER.log(
          System.Logger.Level.DEBUG, "cannot note that {0} is missing: {1}", file, e.toString());
    }
  }

  /** Makes the folder for blobs. */
  void prepare() throws IOException {
    Files.createDirectories(directory().resolve("blobs"));
    Path tag = root.resolve("CACHEDIR.TAG");
    if (!Files.exists(tag)) {
      try {
        Files.writeString(tag, TAG);
      } catch (IOException e) {
        // nothing depends on it
      }
    }
  }

  /**
   * Makes a blob appear in a snapshot: as a relative link; where there are no links, as the file
   * itself if it is new, and as a copy if other snapshots may need it.
   */
  void publish(Path blob, String commit, String file, boolean isNew) throws IOException {
    Path pointer = pointer(commit, file);
    Path folder = Objects.requireNonNull(pointer.getParent());
    Files.createDirectories(folder);
    for (int attempt = 0; attempt < 3; attempt++) {
      if (Files.isRegularFile(pointer)) {
        return;
      }
      Files.deleteIfExists(pointer); // a link to nothing
      if (!symlinks) {
        break;
      }
      try {
        Files.createSymbolicLink(pointer, folder.relativize(blob));
        return;
      } catch (FileAlreadyExistsException e) {
        // somebody else was faster
      } catch (UnsupportedOperationException | FileSystemException e) {
        LOGGER.log(
            System.Logger.Level.DEBUG,
            "no links in {0} ({1}): files are kept without",
            root,
            e.toString());
        break;
      }
    }
    if (isNew) {
      Files.move(blob, pointer, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    // Named as unfinished downloads are, which every reader of the cache leaves out.
    Path copy =
        blob.resolveSibling(
            "%s.%s.incomplete"
                .formatted(blob.getFileName(), UUID.randomUUID().toString().substring(0, 8)));
    try {
      Files.copy(blob, copy);
      Files.move(copy, pointer, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /** A failure of the disk, as one line. */
  HubException failure(IOException e) {
    String reason = OneLine.reason(e);
    boolean full = reason.contains("No space left") || reason.contains("not enough space");
    return new HubException(
        HubException.Reason.CACHE,
        "cannot write to the cache %s: %s; %s"
            .formatted(
                root,
                full ? "the disk is full" : describe(e),
                full
                    ? "make room, or set HF_HUB_CACHE to a folder on another disk"
                    : "check the permissions, or set HF_HUB_CACHE to another folder"),
        e);
  }

  /**
   * What a failure of the disk says, which for some of the JDK's exceptions is their name alone.
   */
  static String describe(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      case NoSuchFileException missing -> "there is no " + missing.getFile();
      default -> OneLine.reason(e);
    };
  }
}
