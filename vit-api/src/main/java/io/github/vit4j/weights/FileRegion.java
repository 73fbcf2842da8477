package io.github.vit4j.weights;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where in a file a tensor's bytes lie, for engines that map the file themselves. They must not do
 * so before they have asked {@code identity} whether the path still leads to that file: another one
 * may have other bytes there.
 *
 * @param file absolute path with symbolic links resolved
 * @param identity the file when it was mapped; null where that could not be told, so that only the
 *     mapped bytes can be relied on
 * @param offset first byte, from the start of the file
 * @param length bytes
 */
public record FileRegion(Path file, @Nullable FileIdentity identity, long offset, long length) {}
