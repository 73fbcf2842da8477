package io.github.vit4j.cli;

import io.github.vit4j.error.OneLine;
import io.github.vit4j.error.ViTException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.regex.Pattern;

/** Says in one line what went wrong. */
final class Failures {
  private static final Pattern CLASS_NAME =
      Pattern.compile("\\b(?:[a-z]\\w*\\.)*[A-Z]\\w*(?:Exception|Error): ");

  private Failures() {}

  /** The line for a failure, without line breaks or other control characters. */
  static String describe(Throwable failure) {
    Throwable cause = failure.getCause();
    if (failure instanceof UncheckedIOException && cause != null) {
      return describe(cause);
    }
    return oneLine(
        switch (failure) {
          case ViTException e -> withoutClassNames(messageOf(e));
          case NoSuchFileException e -> "there is no file " + e.getFile();
          case NotDirectoryException e -> e.getFile() + " is not a directory";
          case AccessDeniedException e -> "no permission for " + e.getFile();
          case FileSystemException e ->
              "%s: %s".formatted(e.getFile(), e.getReason() == null ? "failed" : e.getReason());
          case IOException e -> withoutClassNames(messageOf(e));
          case InvalidPathException e ->
              "'%s' is not a path: %s".formatted(e.getInput(), e.getReason());
          case OutOfMemoryError e ->
              "not enough memory (%s); try a smaller --batch-size or image, or more heap: VIT4J_JAVA_OPTS=-Xmx8g"
                  .formatted(messageOf(e));
          default ->
              "internal error: %s; VIT4J_DEBUG=1 shows where, please report it"
                  .formatted(
                      failure.getMessage() == null
                          ? failure.getClass().getSimpleName()
                          : failure.getMessage());
        });
  }

  /** Names of exception classes, which some causes bring along, tell a user nothing. */
  private static String withoutClassNames(String message) {
    return CLASS_NAME.matcher(message).replaceAll("");
  }

  private static String messageOf(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** See {@link OneLine}. */
  static String oneLine(String text) {
    return OneLine.of(text);
  }
}
