package io.github.vit4j.backend.djl;

/** What this backend was built for. */
final class Versions {
  /** Of the native library; DJL's bridge to it exists for this one. */
  static final String PYTORCH = "2.7.1";

  private Versions() {}
}
