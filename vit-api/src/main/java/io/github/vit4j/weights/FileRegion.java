package io.github.vit4j.weights;

import java.nio.file.Path;

/**
 * Where in a file a tensor's bytes lie, for engines that map the file themselves.
 *
 * @param file absolute path with symbolic links resolved
 * @param offset first byte, from the start of the file
 * @param length bytes
 */
public record FileRegion(Path file, long offset, long length) {}
