package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The models in the cache that is shared with HuggingFace's Python code. Thread-safe; reads the
 * folder each time.
 */
public final class HubCache {
  private static final int MIN_ABBREVIATION = 4;

  private static final System.Logger LOGGER = System.getLogger(HubCache.class.getName());

  private final Path root;

  HubCache(Path root) {
    this.root = root;
  }

  /**
   * The folder that holds {@code models--…}; it need not be there.
   *
   * @return an absolute path
   */
  public Path directory() {
    return root;
  }

  /**
   * The models that are there, sorted by id and commit. Folders that are not laid out as expected
   * are left out.
   *
   * @return a list of one entry per commit, empty if there is no cache
   * @throws HubException CACHE if the folder cannot be read
   */
  public List<CachedModel> models() {
    List<CachedModel> models = new ArrayList<>();
    try {
      for (Path directory : children(root)) {
        Optional<RepositoryId> repository =
            RepositoryId.ofFolder(directory.getFileName().toString());
        if (repository.isPresent() && repository.get().kind() == RepositoryId.Kind.MODEL) {
          models.addAll(readable(repository.get()));
        }
      }
    } catch (IOException e) {
      throw failure("read", e);
    }
    models.sort(Comparator.comparing(CachedModel::id).thenComparing(CachedModel::commit));
    return models;
  }

  /** None of a model that cannot be read, or is just being removed, which hides no other. */
  private List<CachedModel> readable(RepositoryId repository) {
    try {
      return models(repository);
    } catch (IOException | UncheckedIOException e) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "{0} in the cache cannot be read: {1}",
          repository.name(),
          OneLine.reason(e));
      return List.of();
    }
  }

  private List<CachedModel> models(RepositoryId repository) throws IOException {
    Path directory = root.resolve(repository.folder());
    Map<String, String> refs = refs(directory);
    List<CachedModel> models = new ArrayList<>();
    for (Path snapshot : children(directory.resolve("snapshots"))) {
      String commit = snapshot.getFileName().toString();
      if (HubNames.isCommit(commit) && Files.isDirectory(snapshot, LinkOption.NOFOLLOW_LINKS)) {
        List<String> revisions =
            refs.keySet().stream().filter(name -> commit.equals(refs.get(name))).toList();
        models.add(new CachedModel(repository.name(), commit, revisions, size(snapshot), snapshot));
      }
    }
    return models;
  }

  /**
   * Removes a model, or one revision of it, and the files that no other revision needs.
   *
   * @param id {@code namespace/name}
   * @param revision a branch, a tag or a commit, which may be cut short; empty for all revisions
   * @return what was removed; its bytes are those that became free, so that their sum is what the
   *     disk has more
   * @throws HubException NOT_FOUND if the cache has no such model or revision, CACHE if something
   *     could not be removed
   */
  public List<CachedModel> remove(String id, Optional<String> revision) {
    RepositoryId repository = RepositoryId.model(id);
    Path directory = root.resolve(repository.folder());
    try {
      List<CachedModel> all = Files.isDirectory(directory) ? models(repository) : List.of();
      List<CachedModel> chosen =
          revision.isEmpty() ? all : choose(all, HubNames.revision(revision.get()));
      if (chosen.isEmpty() && (revision.isPresent() || !Files.isDirectory(directory))) {
        throw new HubException(
            HubException.Reason.NOT_FOUND,
            "%s%s is not in the cache %s, so nothing was removed"
                .formatted(
                    id, revision.map(name -> HubClient.REVISION_MARK + name).orElse(""), root));
      }
      return remove(repository, directory, all, chosen);
    } catch (IOException e) {
      throw failure("remove from", e);
    } catch (UncheckedIOException e) {
      // Of Files.walk.
      throw failure("remove from", Objects.requireNonNull(e.getCause()));
    }
  }

  private static List<CachedModel> choose(List<CachedModel> all, String revision) {
    List<CachedModel> named =
        all.stream()
            .filter(m -> m.commit().equals(revision) || m.revisions().contains(revision))
            .toList();
    if (!named.isEmpty() || revision.length() < MIN_ABBREVIATION) {
      return named;
    }
    List<CachedModel> begun = all.stream().filter(m -> m.commit().startsWith(revision)).toList();
    return begun.size() == 1 ? begun : List.of();
  }

  private List<CachedModel> remove(
      RepositoryId repository, Path directory, List<CachedModel> all, List<CachedModel> chosen)
      throws IOException {
    SharedBlobs shared = new SharedBlobs(root);
    List<CachedModel> removed = new ArrayList<>();
    List<CachedModel> left = new ArrayList<>(all);
    // In the order of huggingface_hub's DeleteCacheStrategy: what others refer to goes last.
    for (CachedModel model : chosen) {
      left.remove(model);
      long freed = 0;
      for (String ref : model.revisions()) {
        freed += delete(directory.resolve("refs").resolve(ref));
      }
      Set<Path> blobs = blobs(directory, model.path());
      for (CachedModel other : left) {
        blobs.removeAll(blobs(directory, other.path()));
      }
      freed += delete(model.path());
      freed += delete(directory.resolve(".no_exist").resolve(model.commit()));
      freed += delete(directory.resolve("trees").resolve(model.commit() + ".json"));
      for (Path blob : blobs) {
        Optional<Path> payload = shared.payload(blob);
        freed += delete(blob);
        if (payload.isPresent()) {
          freed += shared.sweep(payload.get());
        }
      }
      removed.add(
          new CachedModel(model.id(), model.commit(), model.revisions(), freed, model.path()));
    }
    if (left.isEmpty()) {
      long rest = 0;
      for (Path blob : children(directory.resolve("blobs"))) {
        Optional<Path> payload = shared.payload(blob);
        rest += delete(blob); // unfinished downloads
        if (payload.isPresent()) {
          rest += shared.sweep(payload.get());
        }
      }
      rest += delete(directory);
      delete(root.resolve(".locks").resolve(repository.folder()));
      if (removed.isEmpty()) {
        removed.add(new CachedModel(repository.name(), "", List.of(), rest, directory));
      } else {
        CachedModel last = removed.removeLast();
        removed.add(
            new CachedModel(
                last.id(), last.commit(), last.revisions(), last.bytes() + rest, last.path()));
      }
    }
    return removed;
  }

  /** What the links of a snapshot lead to, in the repository's own folder. */
  private static Set<Path> blobs(Path directory, Path snapshot) throws IOException {
    Path folder = directory.resolve("blobs");
    Set<Path> blobs = new LinkedHashSet<>();
    try (Stream<Path> files = Files.walk(snapshot)) {
      for (Path file : files.filter(Files::isSymbolicLink).toList()) {
        Path target = file.resolveSibling(Files.readSymbolicLink(file)).normalize();
        if (folder.equals(target.getParent())) {
          blobs.add(target);
        }
      }
    }
    return blobs;
  }

  private static Map<String, String> refs(Path directory) throws IOException {
    Path folder = directory.resolve("refs");
    Map<String, String> refs = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return refs;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        RepositoryCache.readCommit(file).ifPresent(commit -> refs.put(name, commit));
      }
    }
    return refs;
  }

  private static long size(Path snapshot) throws IOException {
    Set<Object> seen = new HashSet<>();
    long bytes = 0;
    try (Stream<Path> files = Files.walk(snapshot)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (seen.add(file.toRealPath())) {
          bytes += Files.size(file);
        }
      }
    }
    return bytes;
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  /** Deletes without following links; says how many bytes of files went. */
  private static long delete(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return 0;
    }
    Deleting deleting = new Deleting();
    Files.walkFileTree(path, deleting);
    return deleting.bytes;
  }

  private static final class Deleting extends SimpleFileVisitor<Path> {
    private long bytes;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      bytes += attributes.isRegularFile() ? attributes.size() : 0;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }

  private HubException failure(String what, IOException e) {
    return new HubException(
        HubException.Reason.CACHE,
        "cannot %s the cache %s: %s; check the permissions"
            .formatted(what, root, RepositoryCache.describe(e)),
        e);
  }
}
