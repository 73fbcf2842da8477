package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.finding;
import static io.github.vit4j.conformance.Checks.notConforming;
import static io.github.vit4j.conformance.Checks.require;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Requirements 1.1 to 1.8: found, honest about what is there, chosen exactly. */
final class DiscoveryChecks {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
  private static final String PROCESSOR = "cpu";
  private static final List<Integer> THREADS = List.of(1, 2, 3);

  private final Subject subject;
  private final BackendProvider provider;

  private DiscoveryChecks(Subject subject) {
    this.subject = subject;
    this.provider = subject.provider();
  }

  static List<Check> of(Subject subject) {
    return new DiscoveryChecks(subject).all();
  }

  private List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(
        finding(Requirement.SERVICE_LOADER, "META-INF/services names the class", this::isFound));
    checks.add(finding(Requirement.NAME, "the name is one and stays", this::hasAName));
    checks.add(
        finding(
            Requirement.QUIET_LOADING,
            "class and constructor, in a JVM of their own",
            () -> QuietLoading.judge(provider.getClass())));
    checks.add(finding(Requirement.AVAILABILITY, "asked twice", this::tellsWhatIsThere));
    for (String device : impossibleDevices()) {
      checks.add(
          finding(
              Requirement.UNKNOWN_DEVICE, "device '" + device + "'", () -> refusesDevice(device)));
    }
    unsupportedPrecisions(checks);
    checks.add(finding(Requirement.TRUE_INFO, "open, run, closed", this::reportsTruly));
    for (int threads : THREADS) {
      checks.add(
          finding(Requirement.THREADS, threads + " asked for", () -> reportsThreads(threads)));
    }
    checks.add(finding(Requirement.THREADS, "left to the backend", () -> reportsThreads(0)));
    return checks;
  }

  private void isFound() {
    BackendRegistry registry = BackendRegistry.installed(provider.getClass().getClassLoader());
    BackendProvider found =
        registry
            .find(provider.name())
            .orElseThrow(
                () ->
                    notConforming(
                        "ServiceLoader finds no backend '%s', only %s; name %s in META-INF/services/%s",
                        provider.name(),
                        registry.providers().stream().map(BackendProvider::name).toList(),
                        provider.getClass().getName(),
                        BackendProvider.class.getName()));
    require(
        found.getClass() == provider.getClass(),
        "ServiceLoader finds %s under the name '%s', not %s",
        found.getClass().getName(),
        provider.name(),
        provider.getClass().getName());
  }

  private void hasAName() {
    String name = provider.name();
    require(
        NAME.matcher(name).matches() && !name.equals("auto"),
        "'%s' is not a name of lower-case letters, digits and hyphens, or is 'auto'",
        name);
    for (int i = 0; i < 3; i++) {
      require(provider.name().equals(name), "'%s' became '%s'", name, provider.name());
    }
  }

  private void tellsWhatIsThere() {
    for (int i = 0; i < 2; i++) {
      switch (provider.availability()) {
        case Availability.Unavailable unavailable -> {
          require(
              isOneLine(unavailable.reason()) && !unavailable.reason().isBlank(),
              "gives no reason of one line why it is not available");
          throw notConforming(
              "was available and now says that it is not: %s", unavailable.reason());
        }
        case Availability.Available available -> check(available);
      }
    }
  }

  private void check(Availability.Available available) {
    require(!available.version().isBlank(), "tells no version");
    require(isOneLine(available.version()), "tells a version of several lines");
    Set<String> names = new HashSet<>();
    for (Device device : available.devices()) {
      require(!device.name().isBlank(), "lists a device without a name");
      require(names.add(device.name()), "lists the device %s twice", device.name());
      require(!device.precisions().isEmpty(), "lists %s without a precision", device.name());
      require(isOneLine(device.description()), "describes %s on several lines", device.name());
    }
    require(
        available.version().equals(subject.version()) && names.contains(subject.device()),
        "told %s a moment ago, now %s with %s",
        subject,
        available.version(),
        names);
  }

  private List<String> impossibleDevices() {
    Set<String> there = new HashSet<>(devices().stream().map(Device::name).toList());
    return List.of(
            "no-such-device",
            "",
            subject.device().toUpperCase(Locale.ROOT),
            subject.device() + ":99")
        .stream()
        .filter(name -> !there.contains(name))
        .toList();
  }

  private List<Device> devices() {
    return BackendRegistry.availability(provider) instanceof Availability.Available available
        ? available.devices()
        : List.of();
  }

  private void refusesDevice(String device) {
    String message =
        refusal(
            new SessionOptions(device, subject.precision(), Checks.THREADS, false),
            "device '" + device + "'");
    for (Device there : devices()) {
      require(
          names(message, there.name()),
          "the refusal does not name the device %s that is there: %s",
          there.name(),
          message);
    }
  }

  private void unsupportedPrecisions(List<Check> checks) {
    Set<Precision> there = new HashSet<>();
    devices().stream()
        .filter(device -> device.name().equals(subject.device()))
        .forEach(device -> there.addAll(device.precisions()));
    if (there.size() == Precision.values().length) {
      checks.add(
          finding(
              Requirement.UNSUPPORTED_PRECISION,
              "every precision",
              () -> {
                throw new Checks.NotJudged("the device lists every precision there is");
              }));
    }
    for (Precision precision : Precision.values()) {
      if (!there.contains(precision)) {
        checks.add(
            finding(
                Requirement.UNSUPPORTED_PRECISION,
                "precision " + precision,
                () -> refusesPrecision(precision, there)));
      }
    }
  }

  private void refusesPrecision(Precision precision, Set<Precision> there) {
    String message =
        refusal(
            new SessionOptions(subject.device(), precision, Checks.THREADS, false),
            "precision " + precision);
    for (Precision supported : there) {
      require(
          names(message, supported.toString()),
          "the refusal does not name the precision %s that is there: %s",
          supported,
          message);
    }
  }

  /** What the backend says when it is asked for what is not there. */
  private String refusal(SessionOptions options, String what) {
    try (ViTSession session = provider.open(ReferenceCases.named("classifier").model(), options)) {
      throw notConforming("took %s, and says it runs %s", what, session.info());
    } catch (BackendException e) {
      String message = String.valueOf(e.getMessage());
      require(isOneLine(message), "refuses %s with a message of several lines", what);
      return message;
    }
  }

  /** Whether the name stands there by itself, not as a part of another such as the one refused. */
  private static boolean names(String message, String name) {
    return Pattern.compile("(?<![\\w:])" + Pattern.quote(name) + "(?![\\w:])")
        .matcher(message)
        .find();
  }

  private static boolean isOneLine(String text) {
    return text.lines().count() <= 1;
  }

  private void reportsTruly() {
    ReferenceCase reference = ReferenceCases.named("classifier");
    ModelDefinition model = reference.model();
    ViTSession session = Checks.open(subject, model);
    try (session) {
      check(session.info());
      session.run(reference.runs().getFirst().inputs());
      check(session.info());
    }
    check(session.info());
  }

  private void check(SessionInfo info) {
    require(
        info.backend().equals(provider.name())
            && info.version().equals(subject.version())
            && info.device().equals(subject.device())
            && info.precision() == subject.precision(),
        "asked for %s (%s), reports %s",
        subject,
        subject.version(),
        info);
  }

  private void reportsThreads(int threads) {
    SessionOptions options =
        new SessionOptions(subject.device(), subject.precision(), threads, false);
    try (ViTSession session = provider.open(ReferenceCases.named("classifier").model(), options)) {
      int reported = session.info().threads();
      // 0 says that the work is done elsewhere than on the processor.
      require(
          (reported == 0 && !subject.device().equals(PROCESSOR))
              || (threads == 0 ? reported > 0 : reported == threads),
          "asked for %d threads, reports %d",
          threads,
          reported);
    }
  }
}
