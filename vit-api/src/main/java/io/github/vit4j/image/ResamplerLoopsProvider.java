package io.github.vit4j.image;

import io.github.vit4j.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the {@link ResamplerLoops} of this JVM, once: the Vector API where the JVM has it, unless
 * the system property {@value #PROPERTY} says otherwise. A choice that cannot be met is an error;
 * why an automatic one fell as it did is logged.
 */
final class ResamplerLoopsProvider {
  static final String PROPERTY = "vit4j.vector";
  private static final String MODULE = "jdk.incubator.vector";
  private static final System.Logger LOGGER =
      System.getLogger(ResamplerLoopsProvider.class.getName());

  private static final @Nullable ResamplerLoops LOOPS;
  private static final @Nullable ConfigException FAILURE;

  static {
    ResamplerLoops loops = null;
    ConfigException failure = null;
    try {
      loops = choose(System.getProperty(PROPERTY, "auto"), hasModule());
    } catch (ConfigException e) {
      failure = e;
    }
    LOOPS = loops;
    FAILURE = failure;
  }

  private ResamplerLoopsProvider() {}

  /**
   * The loops of this JVM.
   *
   * @throws ConfigException if the system property asks for what is not there
   */
  static ResamplerLoops loops() {
    ResamplerLoops loops = LOOPS;
    if (loops == null) {
      String problem = FAILURE == null ? "no loops" : FAILURE.getMessage();
      throw new ConfigException(String.valueOf(problem));
    }
    return loops;
  }

  static boolean hasModule() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  /**
   * The loops for a JVM.
   *
   * @param wish what the system property says
   * @param hasModule whether it has the Vector API
   */
  static ResamplerLoops choose(String wish, boolean hasModule) {
    return switch (wish) {
      case "off" -> new PlainResamplerLoops();
      case "on" -> {
        if (!hasModule) {
          throw new ConfigException(
              "-D%s=on needs the Vector API; start the JVM with --add-modules %s"
                  .formatted(PROPERTY, MODULE));
        }
        if (!VectorResamplerLoops.isUsable()) {
          throw new ConfigException(
              "-D%s=on: this processor has no vectors of 128 bits or more; use auto or off"
                  .formatted(PROPERTY));
        }
        yield new VectorResamplerLoops();
      }
      case "auto" -> automatic(hasModule);
      default ->
          throw new ConfigException(
              "-D%s=%s is unknown; use auto, on or off"
                  .formatted(PROPERTY, ImageReader.oneLine(wish)));
    };
  }

  private static ResamplerLoops automatic(boolean hasModule) {
    String reason;
    ResamplerLoops loops;
    if (!hasModule) {
      reason = "plain Java: the JVM was not started with --add-modules " + MODULE;
      loops = new PlainResamplerLoops();
    } else if (!VectorResamplerLoops.isUsable()) {
      reason = "plain Java: this processor has no vectors of 128 bits or more";
      loops = new PlainResamplerLoops();
    } else {
      reason = "the Vector API: the JVM has the module " + MODULE;
      loops = new VectorResamplerLoops();
    }
    LOGGER.log(System.Logger.Level.DEBUG, "images are resized with {0}", reason);
    return loops;
  }
}
