package io.github.vit4j.hub;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.OneLine;
import java.util.Optional;

/**
 * How users name a model on the hub.
 *
 * @param name {@code NAMESPACE/NAME}
 * @param ownRevision what follows an {@code @}
 */
record HubModelId(String name, Optional<String> ownRevision) {
  /** Reads {@code NAMESPACE/NAME} or {@code NAMESPACE/NAME@REVISION}; empty if it is neither. */
  static Optional<HubModelId> parse(String text) {
    int mark = text.indexOf(HubClient.REVISION_MARK);
    String name = mark < 0 ? text : text.substring(0, mark);
    if (name.indexOf('/') < 0 || !RepositoryId.isValid(name)) {
      return Optional.empty();
    }
    return Optional.of(
        new HubModelId(
            name,
            mark < 0
                ? Optional.empty()
                : Optional.of(HubNames.revision(text.substring(mark + 1)))));
  }

  /** At that revision, unless the name has one of its own. */
  HubModelId at(Optional<String> revision) {
    if (revision.isPresent() && ownRevision.isPresent() && !revision.equals(ownRevision)) {
      throw new InvalidInputException(
          "%s@%s is asked for at another revision, '%s'; give one of them"
              .formatted(name, ownRevision.get(), OneLine.of(revision.get(), 200)));
    }
    return new HubModelId(name, ownRevision.or(() -> revision));
  }

  String revision() {
    return ownRevision.orElse(HubClient.DEFAULT_REVISION);
  }

  static void requireNoRevision(String model, Optional<String> revision) {
    if (revision.isPresent()) {
      throw new InvalidInputException(
          "the revision '%s' is given for %s, which is not on the hub; leave it out"
              .formatted(OneLine.of(revision.get(), 200), OneLine.of(model, 200)));
    }
  }
}
