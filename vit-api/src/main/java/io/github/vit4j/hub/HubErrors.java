package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import java.util.Optional;

/** What a refusal of the hub means, as {@code hf_raise_for_status} tells them apart. */
final class HubErrors {
  private HubErrors() {}

  /** Whether the repository is there at that revision, but has no such file. */
  static boolean isFileMissing(Answer answer) {
    return answer.status() == 404
        && (answer.errorCode().isEmpty() || answer.errorCode().equals("EntryNotFound"));
  }

  static HubException of(
      HubSettings settings,
      RepositoryId repository,
      String revision,
      Optional<String> file,
      Answer answer) {
    String page = settings.endpoint() + "/" + repository;
    String tokenAdvice =
        settings.token().isPresent()
            ? "check that the token in HF_TOKEN belongs to an account with access"
            : "set HF_TOKEN to a token of an account with access (%s/settings/tokens)"
                .formatted(settings.endpoint());
    String code = answer.errorCode();
    if (code.equals("GatedRepo")) {
      return new HubException(
          HubException.Reason.NO_ACCESS,
          "%s is gated: accept its licence at %s, and %s".formatted(repository, page, tokenAdvice));
    }
    if (code.equals("RevisionNotFound")) {
      return new HubException(
          HubException.Reason.NOT_FOUND,
          "%s has no revision '%s'; %s/tree/main lists its branches and tags"
              .formatted(repository, revision, page));
    }
    boolean invalidToken =
        answer.status() == 401
            && answer.header("X-Error-Message").orElse("").startsWith("Invalid credentials");
    if (invalidToken) {
      return new HubException(
          HubException.Reason.NO_ACCESS,
          "%s does not accept the token in HF_TOKEN; make a new one at %s/settings/tokens"
              .formatted(HubHttp.shown(answer.address()), settings.endpoint()));
    }
    if (code.equals("RepoNotFound") || (code.isEmpty() && answer.status() == 401)) {
      // The hub does not tell strangers which private repositories there are.
      return new HubException(
          answer.status() == 401 && settings.token().isEmpty()
              ? HubException.Reason.NO_ACCESS
              : HubException.Reason.NOT_FOUND,
          "%s has no repository %s, or it is private; check its name, or %s"
              .formatted(settings.endpoint(), repository, tokenAdvice));
    }
    if (answer.status() == 401 || answer.status() == 403) {
      return new HubException(
          HubException.Reason.NO_ACCESS,
          "no access to %s: %s; accept its licence at %s if it has one, and %s"
              .formatted(repository, answer.describe(), page, tokenAdvice));
    }
    if (answer.status() == 404) {
      return new HubException(
          HubException.Reason.NOT_FOUND,
          "%s has no %s at the revision '%s'; %s/tree/%s lists its files"
              .formatted(repository, file.orElse("files"), revision, page, revision));
    }
    return new HubException(
        HubException.Reason.BAD_ANSWER,
        "cannot get %s%s: %s; check HF_ENDPOINT and the proxy"
            .formatted(repository, file.map(name -> "/" + name).orElse(""), answer.describe()));
  }
}
