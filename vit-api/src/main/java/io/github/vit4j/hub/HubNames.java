package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Checks of what becomes part of a path or an address: revisions, files, etags. It comes from
 * users, from the hub's answers and from files in repositories.
 */
final class HubNames {
  private static final int MAX_LENGTH = 255;
  private static final int MAX_PATH_LENGTH = 1024;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern ETAG = Pattern.compile("[\\w-][\\w.-]{0,127}");
  private static final Pattern WINDOWS_DEVICE =
      Pattern.compile("(?:con|prn|aux|nul|com\\d|lpt\\d)(?:\\..*)?");

  private HubNames() {}

  /** Whether it names a commit in full, so that what it means never changes. */
  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** Whether it can be the name of a file in the cache's {@code blobs}. */
  static boolean isEtag(String etag) {
    return ETAG.matcher(etag).matches();
  }

  /** A branch, tag, commit or {@code refs/pr/N}. */
  static String revision(String revision) {
    return checked("revision", "a branch, a tag or a commit", revision);
  }

  /** A file of a repository; folders are separated by slashes. */
  static String file(String file) {
    return checked("file", "a name in the repository, folders separated by '/'", file);
  }

  /** Whether {@link #file} accepts it. */
  static boolean isRelativePath(String path) {
    return !path.isEmpty()
        && path.length() <= MAX_PATH_LENGTH
        && Arrays.stream(path.split("/", -1)).allMatch(HubNames::isPlain);
  }

  private static String checked(String what, String expected, String path) {
    if (isRelativePath(path)) {
      return path;
    }
    throw new HubException(
        HubException.Reason.INVALID,
        "'%s' is not a %s; expected %s".formatted(OneLine.of(path, 200), what, expected));
  }

  /** A name that stays in its folder, on Windows too. */
  static boolean isPlain(String name) {
    return !name.isBlank()
        && name.length() <= MAX_LENGTH
        && !name.equals(".")
        && !name.equals("..")
        && name.codePoints()
            .noneMatch(c -> Character.isISOControl(c) || "\\:*?\"<>|".indexOf(c) >= 0)
        && !name.endsWith(" ")
        && !name.endsWith(".")
        && !WINDOWS_DEVICE.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }

  /** As one segment of an address, as Python's {@code quote(text, safe="")} does it. */
  static String quoted(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  /** As segments of an address: slashes stay. */
  static String quotedPath(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(HubNames::quoted)
        .collect(Collectors.joining("/"));
  }
}
