package io.github.vit4j.conformance.faults;

import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Connects to a server, here one of its own, when its class is loaded. */
public final class ConnectingBackend implements BackendProvider {
  static {
    InetAddress local = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 1, local);
        Socket client = new Socket(local, server.getLocalPort())) {
      client.getOutputStream().write(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For a JVM that finds the class by its name. */
  public ConnectingBackend() {}

  @Override
  public String name() {
    return AlteredBackend.CORRECT.name();
  }

  @Override
  public Availability availability() {
    return AlteredBackend.CORRECT.availability();
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    return AlteredBackend.CORRECT.open(model, options);
  }
}
