package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings that HuggingFace's Python code takes from environment variables, read as
 * huggingface_hub/constants.py and utils/_auth.py do; a variable that is set to nothing counts as
 * not set.
 */
final class HubEnvironment {
  static final URI DEFAULT_ENDPOINT = URI.create("https://huggingface.co");

  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)\\})");
  private static final int MAX_TOKEN_FILE_BYTES = 4096;
  private static final int MAX_SECONDS = 24 * 60 * 60;

  private final Map<String, String> variables;

  HubEnvironment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  /** The first of these that is set. */
  Optional<String> first(String... names) {
    for (String name : names) {
      String value = variables.get(name);
      if (value != null && !value.isBlank()) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /** Whether the first of these that is set is true. */
  boolean isTrue(String... names) {
    return first(names).map(value -> TRUE.contains(value.toUpperCase(Locale.ROOT))).orElse(false);
  }

  URI endpoint() {
    return first("HF_ENDPOINT").map(text -> endpoint("HF_ENDPOINT", text)).orElse(DEFAULT_ENDPOINT);
  }

  /** An address without a slash at its end. */
  static URI endpoint(String what, String text) {
    String address = text.strip().replaceAll("/+$", "");
    try {
      URI uri = new URI(address);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if ((scheme.equals("https") || scheme.equals("http"))
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // reported below
    }
    throw new HubException(
        HubException.Reason.INVALID,
        "%s '%s' is not the address of a hub; expected one like %s"
            .formatted(what, OneLine.of(text, 200), DEFAULT_ENDPOINT));
  }

  Path cacheDirectory() {
    return first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")
        .map(this::path)
        .orElseGet(() -> home().resolve("hub"));
  }

  private Path home() {
    return first("HF_HOME")
        .map(this::path)
        .orElseGet(
            () ->
                first("XDG_CACHE_HOME")
                    .map(this::path)
                    .orElseGet(() -> path("~/.cache"))
                    .resolve("huggingface"));
  }

  /** {@code expandvars(expanduser(text))}. */
  private Path path(String text) {
    String expanded = text;
    if (text.equals("~") || text.startsWith("~/")) {
      expanded = first("HOME").orElseGet(() -> System.getProperty("user.home")) + text.substring(1);
    }
    expanded = VARIABLE.matcher(expanded).replaceAll(this::value);
    try {
      return Path.of(expanded).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new HubException(
          HubException.Reason.INVALID,
          "'%s' is not a path, so it cannot be the cache; check HF_HOME and HF_HUB_CACHE"
              .formatted(OneLine.of(text, 200)),
          e);
    }
  }

  private String value(MatchResult match) {
    String name = match.group(1) != null ? match.group(1) : match.group(2);
    return Matcher.quoteReplacement(variables.getOrDefault(name, match.group()));
  }

  /** {@code get_token}: the variable, else the file that {@code hf auth login} writes. */
  Optional<String> token() {
    if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    Optional<String> variable = first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
    if (variable.isPresent()) {
      return variable.map(text -> token("HF_TOKEN", text));
    }
    Path file = first("HF_TOKEN_PATH").map(this::path).orElseGet(() -> home().resolve("token"));
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MAX_TOKEN_FILE_BYTES), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(token(file.toString(), text));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new HubException(
          HubException.Reason.CACHE,
          "cannot read the token in %s: %s; check the file's permissions or set HF_TOKEN"
              .formatted(file, OneLine.reason(e)),
          e);
    }
  }

  /** What can stand in a header; the message does not repeat the token. */
  static String token(String where, String text) {
    String token = text.strip();
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new HubException(
          HubException.Reason.INVALID,
          "the token in %s holds characters that no token has; copy it again from https://huggingface.co/settings/tokens"
              .formatted(where));
    }
    return token;
  }

  boolean offline() {
    return isTrue("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE");
  }

  Duration seconds(String name, Duration otherwise) {
    return first(name)
        .map(
            text -> {
              try {
                int seconds = Integer.parseInt(text.strip());
                if (seconds > 0 && seconds <= MAX_SECONDS) {
                  return Duration.ofSeconds(seconds);
                }
              } catch (NumberFormatException e) {
                // reported below
              }
              throw new HubException(
                  HubException.Reason.INVALID,
                  "%s is '%s'; expected a number of seconds from 1 to %d"
                      .formatted(name, OneLine.of(text, 50), MAX_SECONDS));
            })
        .orElse(otherwise);
  }
}
