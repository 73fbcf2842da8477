package io.github.vit4j.runtime;

import io.github.vit4j.spi.ViTSession;

/**
 * A session and why it runs where it runs.
 *
 * @param session the caller's to close
 * @param choice what was chosen
 */
public record OpenedBackend(ViTSession session, BackendChoice choice) {}
