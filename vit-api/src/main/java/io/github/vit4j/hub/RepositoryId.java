package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository on the hub.
 *
 * @param name {@code namespace/name}, or a name alone
 */
record RepositoryId(Kind kind, String name) {
  /** {@code validate_repo_id} of huggingface_hub/utils/_validators.py, without its look-arounds. */
  private static final Pattern NAME =
      Pattern.compile("(?:\\w(?:[\\w.-]{0,94}\\w)?/)?\\w(?:[\\w.-]{0,94}\\w)?");

  private static final String SEPARATOR = "--";
  private static final Pattern FOLDER = Pattern.compile("(models|datasets)--(.+)");

  /** What is in a repository. */
  enum Kind {
    MODEL("models", ""),
    DATASET("datasets", "datasets/");

    /** In addresses of the programming interface, and in names of folders. */
    final String plural;

    /** Before the name in other addresses. */
    final String prefix;

    Kind(String plural, String prefix) {
      this.plural = plural;
      this.prefix = prefix;
    }
  }

  RepositoryId {
    if (!isValid(name)) {
      throw new HubException(
          HubException.Reason.INVALID,
          "'%s' is not the id of a repository; expected NAMESPACE/NAME of letters, digits, '-', '_' and '.'"
              .formatted(OneLine.of(name, 200)));
    }
  }

  static boolean isValid(String name) {
    return NAME.matcher(name).matches()
        && !name.contains(SEPARATOR)
        && !name.contains("..")
        && !name.endsWith(".git");
  }

  static RepositoryId model(String name) {
    return new RepositoryId(Kind.MODEL, name);
  }

  static RepositoryId dataset(String name) {
    return new RepositoryId(Kind.DATASET, name);
  }

  /** {@code repo_folder_name}: {@code models--namespace--name}. */
  String folder() {
    return kind.plural + SEPARATOR + name.replace("/", SEPARATOR);
  }

  /** The repository of a folder in the cache, empty if it is another folder. */
  static Optional<RepositoryId> ofFolder(String folder) {
    Matcher matcher = FOLDER.matcher(folder);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String name = matcher.group(2).replace(SEPARATOR, "/");
    Kind kind = matcher.group(1).equals(Kind.MODEL.plural) ? Kind.MODEL : Kind.DATASET;
    return isValid(name) ? Optional.of(new RepositoryId(kind, name)) : Optional.empty();
  }

  /** As it is called in addresses and messages. */
  @Override
  public String toString() {
    return kind.prefix + name;
  }
}
