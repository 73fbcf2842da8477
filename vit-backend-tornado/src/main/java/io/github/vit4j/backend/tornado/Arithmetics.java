package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;

/**
 * Chooses how the device {@code jvm} computes: with the Vector API where the JVM has it, unless the
 * system property {@value #PROPERTY} says otherwise. What was insisted on and cannot be had is an
 * error; why the choice fell as it did is logged.
 */
final class Arithmetics {
  static final String PROPERTY = "vit4j.tornado.arithmetic";
  private static final String VECTOR = "vector";
  private static final String PLAIN = "plain";
  private static final String MODULE = "jdk.incubator.vector";
  private static final System.Logger LOGGER = System.getLogger(Arithmetics.class.getName());

  private Arithmetics() {}

  /** Whether this JVM was started with it. */
  static boolean hasVectorApi() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  /**
   * The arithmetic for this JVM.
   *
   * @throws BackendException if the system property asks for what is not there
   */
  static Arithmetic chosen() {
    return choose(System.getProperty(PROPERTY, ""), hasVectorApi());
  }

  /**
   * The arithmetic for a JVM.
   *
   * @param wish what the system property says, empty for nothing
   * @param hasModule whether it has the Vector API
   */
  static Arithmetic choose(String wish, boolean hasModule) {
    return switch (wish) {
      case PLAIN -> new PlainArithmetic();
      case VECTOR -> {
        if (!hasModule) {
          throw new BackendException(
              "-D%s=%s needs the Vector API; start the JVM with --add-modules %s"
                  .formatted(PROPERTY, VECTOR, MODULE));
        }
        if (!VectorArithmetic.isUsable()) {
          throw new BackendException(
              "-D%s=%s: this processor has no vectors of a suitable width; use %s"
                  .formatted(PROPERTY, VECTOR, PLAIN));
        }
        yield new VectorArithmetic();
      }
      case "" -> automatic(hasModule);
      default ->
          throw new BackendException(
              "-D%s=%s is unknown; use %s or %s, or leave it out"
                  .formatted(PROPERTY, wish, VECTOR, PLAIN));
    };
  }

  private static Arithmetic automatic(boolean hasModule) {
    if (!hasModule) {
      LOGGER.log(
          System.Logger.Level.DEBUG,
          "plain Java: the JVM was not started with --add-modules {0}",
          MODULE);
      return new PlainArithmetic();
    }
    if (!VectorArithmetic.isUsable()) {
      LOGGER.log(
          System.Logger.Level.DEBUG,
          "plain Java: this processor has no vectors of a suitable width");
      return new PlainArithmetic();
    }
    Arithmetic arithmetic = new VectorArithmetic();
    LOGGER.log(System.Logger.Level.DEBUG, arithmetic.description());
    return arithmetic;
  }
}
