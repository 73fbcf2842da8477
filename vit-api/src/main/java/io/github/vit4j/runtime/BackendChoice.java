package io.github.vit4j.runtime;

import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Precision;

/**
 * A backend and device that meet a request.
 *
 * @param provider the backend
 * @param device one of its devices
 * @param precision one of that device's precisions
 * @param reason one line: why this one, and why not those that rank before it
 */
public record BackendChoice(
    BackendProvider provider, Device device, Precision precision, String reason) {}
