package io.github.vit4j.bench;

import io.github.vit4j.spi.ProcessorCores;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a benchmark runs on. */
final class Machine {
  private Machine() {}

  /** Names for what they name, to print; more can be put. */
  static Map<String, String> describe() {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("processor", ProcessorCores.description());
    machine.put("cores", String.valueOf(ProcessorCores.available()));
    machine.put("memory", ProcessMemory.describe(ProcessMemory.machineBytes()));
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    machine.put(
        "load average before", load < 0 ? "not known" : String.format(Locale.ROOT, "%.2f", load));
    machine.put(
        "system",
        "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.version")));
    machine.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    return machine;
  }
}
