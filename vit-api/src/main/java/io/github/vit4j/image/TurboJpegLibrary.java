package io.github.vit4j.image;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The functions of turbojpeg.h that decoding needs, of the API that version 2.0 has and version 3
 * keeps.
 *
 * <p>Thread-safety: immutable; every call makes a handle of its own.
 */
@SuppressWarnings("restricted") // calling C is what it is for
final class TurboJpegLibrary {
  /** {@code TJPF_RGB}. */
  private static final int RGB = 0;

  /** {@code TJFLAG_ACCURATEDCT}; no other flag, so that chroma is upsampled as libjpeg does. */
  private static final int ACCURATE_DCT = 4096;

  /** {@code TJERR_FATAL}. */
  private static final int FATAL = 1;

  /**
   * How libjpeg's warnings begin ({@code JWRN_} in its jerror.h). After one of them the picture is
   * there, as it is for Pillow. The code alone does not tell: it stays {@code TJERR_WARNING} when a
   * fatal error follows a warning, but then the message is the error's.
   */
  private static final List<String> WARNINGS =
      List.of(
          "Corrupt JPEG data",
          "Premature end of JPEG file",
          "Inconsistent progression sequence",
          "Invalid SOS parameters",
          "Unknown Adobe color transform",
          "Warning: ",
          "Application transferred too many scanlines");

  /** {@code JMSG_LENGTH_MAX}. */
  private static final int MAX_MESSAGE_BYTES = 200;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout C_LONG =
      Objects.requireNonNull(LINKER.canonicalLayouts().get("long"));

  private final MethodHandle create;
  private final MethodHandle readHeader;
  private final MethodHandle decompress;
  private final MethodHandle errorCode;
  private final MethodHandle errorText;
  private final MethodHandle destroy;

  private TurboJpegLibrary(SymbolLookup symbols) {
    create = function(symbols, "tjInitDecompress", FunctionDescriptor.of(ADDRESS));
    readHeader =
        function(
            symbols,
            "tjDecompressHeader3",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, ADDRESS, C_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    decompress =
        function(
            symbols,
            "tjDecompress2",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, ADDRESS, C_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
                JAVA_INT));
    errorCode = function(symbols, "tjGetErrorCode", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    errorText = function(symbols, "tjGetErrorStr2", FunctionDescriptor.of(ADDRESS, ADDRESS));
    destroy = function(symbols, "tjDestroy", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  /**
   * The library of this system.
   *
   * @param file where it is; null for the names that the system's loader knows
   * @throws IllegalArgumentException if it is not there, or not new enough
   */
  static TurboJpegLibrary load(@Nullable String file) {
    if (file != null) {
      return new TurboJpegLibrary(SymbolLookup.libraryLookup(Path.of(file), Arena.global()));
    }
    List<String> names = names(System.getProperty("os.name", ""));
    for (String name : names) {
      SymbolLookup symbols;
      try {
        symbols = SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        continue; // under another name, perhaps
      }
      return new TurboJpegLibrary(symbols);
    }
    throw new IllegalArgumentException(
        "%s is not installed; -D%s=FILE tells where it is elsewhere"
            .formatted(names.getFirst(), TurboJpegDecoder.LIBRARY_PROPERTY));
  }

  static List<String> names(String system) {
    String lower = system.toLowerCase(Locale.ROOT);
    if (lower.startsWith("windows")) {
      return List.of("turbojpeg.dll", "libturbojpeg.dll");
    }
    if (lower.startsWith("mac")) {
      String name = "libturbojpeg.0.dylib";
      return List.of(
          name,
          "/opt/homebrew/opt/jpeg-turbo/lib/" + name,
          "/usr/local/opt/jpeg-turbo/lib/" + name);
    }
    return List.of("libturbojpeg.so.0");
  }

  private static MethodHandle function(
      SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
    MemorySegment address =
        symbols
            .find(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "its library has no %s; libjpeg-turbo 2.1 or newer is needed"
                            .formatted(name)));
    MethodHandle handle = LINKER.downcallHandle(address, descriptor);
    // C's long has 32 bits on Windows.
    MethodType type = handle.type();
    for (int i = 0; i < descriptor.argumentLayouts().size(); i++) {
      if (descriptor.argumentLayouts().get(i).equals(C_LONG)) {
        type = type.changeParameterType(i, long.class);
      }
    }
    return MethodHandles.explicitCastArguments(handle, type);
  }

  /** {@link ImageDecoder#decodeJpeg}. */
  RgbImage decode(byte[] jpeg, int width, int height) throws IOException {
    byte[] levels = new byte[RasterConverter.arrayLength(width, height)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = arena.allocate(jpeg.length);
      MemorySegment.copy(jpeg, 0, file, ValueLayout.JAVA_BYTE, 0, jpeg.length);
      decode(file, width, height, arena.allocate(levels.length), levels);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a function of C does not throw", e);
    }
    return RgbImage.of(width, height, levels);
  }

  private void decode(
      MemorySegment file, int width, int height, MemorySegment pixels, byte[] levels)
      throws Throwable {
    MemorySegment handle = (MemorySegment) create.invokeExact();
    if (handle.equals(MemorySegment.NULL)) {
      throw new IOException("TurboJPEG has no memory left");
    }
    try {
      checkSize(handle, file, width, height);
      int result =
          (int)
              decompress.invokeExact(
                  handle,
                  file,
                  file.byteSize(),
                  pixels,
                  width,
                  3 * width,
                  height,
                  RGB,
                  ACCURATE_DCT);
      if (result != 0) {
        boolean isFatal = (int) errorCode.invokeExact(handle) == FATAL;
        String message = error(handle);
        if (isFatal || WARNINGS.stream().noneMatch(message::startsWith)) {
          throw new IOException("TurboJPEG: " + message);
        }
      }
      MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, 0, levels, 0, levels.length);
    } finally {
      int ignored = (int) destroy.invokeExact(handle);
    }
  }

  /** {@code tjDecompress2} would scale to another size without a word. */
  private void checkSize(MemorySegment handle, MemorySegment file, int width, int height)
      throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment says = arena.allocate(JAVA_INT, 4);
      long step = JAVA_INT.byteSize();
      // It fails for unusual subsampling too, but not before it has told the size.
      int result =
          (int)
              readHeader.invokeExact(
                  handle,
                  file,
                  file.byteSize(),
                  says,
                  says.asSlice(step),
                  says.asSlice(2 * step),
                  says.asSlice(3 * step));
      int columns = says.getAtIndex(JAVA_INT, 0);
      int rows = says.getAtIndex(JAVA_INT, 1);
      if (result != 0 && (columns <= 0 || rows <= 0)) {
        throw new IOException("TurboJPEG: " + error(handle));
      }
      if (columns != width || rows != height) {
        throw new IOException("its size changes while it is decoded");
      }
    }
  }

  private String error(MemorySegment handle) throws Throwable {
    MemorySegment text = (MemorySegment) errorText.invokeExact(handle);
    return OneLine.of(text.reinterpret(MAX_MESSAGE_BYTES).getString(0));
  }
}
