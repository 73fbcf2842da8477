package io.github.vit4j.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Environment variables as native libraries read them, for engines that can be told some things in
 * no other way. Java's own view of the environment stays as it is.
 */
public final class NativeEnvironment {
  private NativeEnvironment() {}

  /**
   * Sets a variable of this process, for libraries that are loaded from now on.
   *
   * @param name of the variable
   * @param value what it is from now on, whatever it was before
   * @return false where that cannot be done (Windows)
   * @throws IllegalStateException if the operating system refuses
   */
  @SuppressWarnings("restricted") // as loading the engine itself
  public static boolean set(String name, String value) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return false;
    }
    MethodHandle handle =
        linker.downcallHandle(
            setenv.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    int result;
    try (Arena arena = Arena.ofConfined()) {
      result = (int) handle.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the variable " + name + " cannot be set", e);
    }
    if (result != 0) {
      throw new IllegalStateException("the variable " + name + " cannot be set");
    }
    return true;
  }
}
