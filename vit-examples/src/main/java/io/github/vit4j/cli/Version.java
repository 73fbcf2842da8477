package io.github.vit4j.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "vit %s (Java %s)"
          .formatted(version == null ? "not packaged" : version, Runtime.version().toString())
    };
  }
}
