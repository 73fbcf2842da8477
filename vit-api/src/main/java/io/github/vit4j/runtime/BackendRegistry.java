package io.github.vit4j.runtime;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The backends that are there: finds them with {@link ServiceLoader}, ranks them, chooses one for a
 * request and explains the choice. Immutable and thread-safe; whether a backend is available is
 * asked anew each time.
 */
public final class BackendRegistry {
  /**
   * Ranked by measured speed on an ordinary processor; backends not named here follow by name,
   * before {@link #LAST}.
   */
  private static final List<String> PREFERENCE = List.of("onnx", "djl", "tornado");

  /** Vit-conformance's definition of the model: exact and slow, so every other one comes first. */
  private static final String LAST = "reference";

  private static final String PREFERRED = "the preferred backend that serves";

  /** Those that can be had as {@code io.github.vit4j:vit-backend-NAME}. */
  private static final List<String> PUBLISHED = List.of("onnx", "djl", "tornado");

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
  private static final System.Logger LOGGER = System.getLogger(BackendRegistry.class.getName());

  private final Map<String, BackendProvider> providers;

  private final List<String> broken;

  private record Named(String name, BackendProvider provider) {}

  private BackendRegistry(Iterable<BackendProvider> found, List<String> unusable) {
    List<String> lines = new ArrayList<>(unusable);
    List<Named> ranked = new ArrayList<>();
    for (BackendProvider provider : found) {
      String name = nameOf(provider, lines);
      if (name != null) {
        ranked.add(new Named(name, provider));
      }
    }
    ranked.sort(Comparator.comparingInt(BackendRegistry::rank).thenComparing(Named::name));
    Map<String, BackendProvider> byName = new LinkedHashMap<>();
    for (Named named : ranked) {
      String name = named.name();
      BackendProvider provider = named.provider();
      if (!NAME.matcher(name).matches() || name.equals(BackendRequest.AUTO)) {
        throw new BackendException(
            "%s calls itself '%s'; a backend's name has lower-case letters, digits and hyphens"
                .formatted(provider.getClass().getName(), name));
      }
      BackendProvider other = byName.put(name, provider);
      if (other != null) {
        throw new BackendException(
            "two backends are named '%s': %s and %s; remove one from the class path"
                .formatted(name, other.getClass().getName(), provider.getClass().getName()));
      }
    }
    this.providers = byName;
    this.broken = List.copyOf(lines);
  }

  /** Null, and a line more, where there is none. */
  private static @Nullable String nameOf(BackendProvider provider, List<String> lines) {
    String line;
    try {
      String name = provider.name();
      if (name != null) {
        return name;
      }
      line = "%s has no name: it gives null".formatted(provider.getClass().getName());
    } catch (OutOfMemoryError e) {
      throw e; // not the provider's
    } catch (Throwable e) {
      line =
          "%s has no name: it failed when asked: %s"
              .formatted(provider.getClass().getName(), OneLine.of(e));
    }
    LOGGER.log(System.Logger.Level.WARNING, "a backend is left out: {0}", line);
    lines.add(line);
    return null;
  }

  private static int rank(Named named) {
    if (named.name().equals(LAST)) {
      return Integer.MAX_VALUE;
    }
    int index = PREFERENCE.indexOf(named.name());
    return index < 0 ? PREFERENCE.size() : index;
  }

  /** The backends on the class path of the current thread's context class loader. */
  public static BackendRegistry installed() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return installed(context != null ? context : BackendRegistry.class.getClassLoader());
  }

  /**
   * The backends that {@code classLoader} sees. One that cannot be created is left out and named by
   * {@link #broken} and in error messages.
   */
  public static BackendRegistry installed(ClassLoader classLoader) {
    List<BackendProvider> found = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    Iterator<BackendProvider> iterator =
        ServiceLoader.load(BackendProvider.class, classLoader).iterator();
    while (true) {
      try {
        if (!iterator.hasNext()) {
          return new BackendRegistry(found, broken);
        }
        found.add(iterator.next());
      } catch (ServiceConfigurationError | LinkageError e) {
        broken.add(OneLine.of(e));
        LOGGER.log(
            System.Logger.Level.WARNING, "a backend could not be created: {0}", OneLine.of(e));
      }
    }
  }

  /** Exactly these backends. */
  public static BackendRegistry of(Iterable<BackendProvider> providers) {
    return new BackendRegistry(providers, List.of());
  }

  /** The backends, the preferred one first. */
  public List<BackendProvider> providers() {
    return List.copyOf(providers.values());
  }

  /**
   * One line for each backend that is left out because it could not be created or has no name, and
   * why.
   */
  public List<String> broken() {
    return broken;
  }

  /** The backend of that name. */
  public Optional<BackendProvider> find(String name) {
    return Optional.ofNullable(providers.get(name));
  }

  /**
   * The preferred backend and device that meet the request.
   *
   * @throws BackendException if there is none; the message lists what is there and why each does
   *     not serve
   */
  public BackendChoice choose(BackendRequest request) {
    return candidates(request).getFirst();
  }

  /**
   * Opens a session on the preferred backend that meets the request. Only when the request leaves
   * the backend open and the preferred one fails is the next one tried, and a warning logged.
   *
   * @param threads see {@link SessionOptions#threads}
   * @param allowSpinning see {@link SessionOptions#allowSpinning}
   * @throws BackendException if no backend meets the request or can open the model
   */
  public OpenedBackend open(
      ModelDefinition model, BackendRequest request, int threads, boolean allowSpinning) {
    List<String> failures = new ArrayList<>();
    for (BackendChoice choice : candidates(request)) {
      SessionOptions options =
          new SessionOptions(choice.device().name(), choice.precision(), threads, allowSpinning);
      try {
        OpenedBackend opened =
            new OpenedBackend(choice.provider().open(model, options), explain(choice, failures));
        LOGGER.log(
            request.backendIsAuto() && !opened.choice().reason().equals(PREFERRED)
                ? System.Logger.Level.WARNING
                : System.Logger.Level.DEBUG,
            "running on {0}: {1}",
            opened.session().info(),
            opened.choice().reason());
        return opened;
      } catch (BackendException | LinkageError e) {
        // A native library that does not load is an Error, and the next backend may still serve.
        if (!request.backendIsAuto()) {
          throw e instanceof BackendException known
              ? known
              : new BackendException(
                  "%s cannot run here: %s".formatted(choice.provider().name(), OneLine.of(e)), e);
        }
        failures.add(
            "%s could not open the model (%s)".formatted(choice.provider().name(), OneLine.of(e)));
      }
    }
    throw new BackendException("no backend could open the model: " + String.join("; ", failures));
  }

  private static BackendChoice explain(BackendChoice choice, List<String> failures) {
    return failures.isEmpty()
        ? choice
        : new BackendChoice(
            choice.provider(),
            choice.device(),
            choice.precision(),
            choice.reason() + "; " + String.join("; ", failures));
  }

  /**
   * Every choice that meets the request, at most one a backend, the preferred one first; never
   * empty.
   */
  private List<BackendChoice> candidates(BackendRequest request) {
    List<BackendProvider> considered =
        request.backendIsAuto() ? providers() : List.of(requireProvider(request.backend()));
    List<BackendChoice> choices = new ArrayList<>();
    List<String> rejected = new ArrayList<>();
    for (BackendProvider provider : considered) {
      switch (availability(provider)) {
        case Availability.Unavailable unavailable ->
            rejected.add(
                "%s is not available (%s)".formatted(provider.name(), unavailable.reason()));
        case Availability.Available available -> {
          Optional<Device> device =
              available.devices().stream()
                  .filter(
                      d ->
                          request.deviceMatches(d.name())
                              && d.precisions().contains(request.precision()))
                  .findFirst();
          if (device.isPresent()) {
            String why = request.backendIsAuto() ? PREFERRED : "asked for by name";
            choices.add(
                new BackendChoice(
                    provider,
                    device.get(),
                    request.precision(),
                    rejected.isEmpty() ? why : why + "; " + String.join("; ", rejected)));
          } else {
            rejected.add("%s has %s".formatted(provider.name(), describe(available.devices())));
          }
        }
      }
    }
    if (choices.isEmpty()) {
      rejected.addAll(broken);
      throw new BackendException(
          rejected.isEmpty()
              ? "no backend is on the class path; add one, for example io.github.vit4j:vit-backend-onnx"
              : "nothing here serves %s: %s".formatted(request, String.join("; ", rejected)));
    }
    return choices;
  }

  /**
   * A provider's availability; one that throws or gives null, against its contract, is not
   * available.
   */
  public static Availability availability(BackendProvider provider) {
    try {
      Availability availability = provider.availability();
      return availability != null
          ? availability
          : new Availability.Unavailable("it gave null when asked; that is a fault of the backend");
    } catch (OutOfMemoryError e) {
      throw e; // not the provider's
    } catch (Throwable e) {
      return new Availability.Unavailable("it failed when asked: " + OneLine.of(e));
    }
  }

  private BackendProvider requireProvider(String name) {
    BackendProvider provider = providers.get(name);
    if (provider != null) {
      return provider;
    }
    String there =
        providers.isEmpty()
            ? "there are none"
            : "there are " + String.join(", ", providers.keySet());
    String hint =
        PUBLISHED.contains(name)
            ? "; add io.github.vit4j:vit-backend-" + name + " to the class path"
            : "";
    String failed = broken.isEmpty() ? "" : "; could not be created: " + String.join("; ", broken);
    throw new BackendException(
        "no backend is named '%s', %s%s%s".formatted(name, there, hint, failed));
  }

  private static String describe(List<Device> devices) {
    return devices.stream()
        .map(
            d ->
                d.precisions().stream()
                    .sorted()
                    .map(Object::toString)
                    .collect(Collectors.joining(", ", d.name() + " (", ")")))
        .collect(Collectors.joining(", "));
  }
}
