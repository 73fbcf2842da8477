package io.github.vit4j.backend.djl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript archive without weights, as {@code torch/csrc/jit/serialization/import.cpp} reads
 * it: a zip with one folder that holds the code, and one object pickled.
 */
final class CodeArchive {
  /** The oldest with which {@code gelu} has {@code approximate}; libtorch 2.7 reads up to 10. */
  static final String VERSION = "10\n";

  static final String FOLDER = "vit/";

  private CodeArchive() {}

  /** The archive of a script from {@link ViTScript#forSession}. */
  static byte[] of(String code) {
    byte[] instance =
        new PickleWriter()
            .global("__torch__", "ViT")
            .emptyTuple()
            .newInstance()
            .emptyDictionary()
            .mark()
            .string("training")
            .no()
            .string("weights")
            .global("torch.jit._pickle", "build_tensorlist")
            .emptyList()
            .tupleOfOne()
            .call()
            .setItems()
            .build()
            .toBytes();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      add(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
      add(zip, "constants.pkl", new PickleWriter().emptyTuple().toBytes());
      add(zip, "data.pkl", instance);
      add(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not in memory
    }
    return bytes.toByteArray();
  }

  static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(FOLDER + name));
    zip.write(content);
    zip.closeEntry();
  }
}
