package io.github.vit4j.conformance;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** The memory of malloc, from which engines and the JVM's own native code allocate. */
public final class NativeHeap {
  private NativeHeap() {}

  /**
   * Gives back to the system what native code has freed and malloc keeps for the next time, so that
   * the memory of the process, as the system counts it, is what is really held. glibc keeps tens of
   * megabytes, for example after the JIT compiler has compiled a large method.
   *
   * <p>The JVM has that command ({@code jcmd PID System.trim_native_heap}) where it runs on glibc;
   * elsewhere nothing happens, and memory that was freed may be counted as held.
   */
  public static void trim() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "systemTrimNativeHeap",
              new Object[0],
              new String[0]);
    } catch (JMException e) {
      // No such command.
      return;
    }
  }
}
