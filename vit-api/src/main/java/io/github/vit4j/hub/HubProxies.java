package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that are set for Java ({@code -Dhttps.proxyHost} and the like); where there are none,
 * those of the environment: {@code http_proxy}, {@code https_proxy}, {@code all_proxy} and {@code
 * no_proxy}, in lower or upper case, as Python and curl take them.
 */
final class HubProxies {
  private static final int DEFAULT_PORT = 80;

  private final Map<String, Address> byScheme;
  private final List<String> direct;

  private record Address(String host, int port, @Nullable String userInfo) {}

  private HubProxies(Map<String, Address> byScheme, List<String> direct) {
    this.byScheme = byScheme;
    this.direct = direct;
  }

  /** Sets what is needed on a client. */
  static void configure(HttpClient.Builder client, HubEnvironment environment) {
    for (String property : new String[] {"http.proxyHost", "https.proxyHost", "socksProxyHost"}) {
      if (System.getProperty(property) != null) {
        client.proxy(ProxySelector.getDefault());
        return;
      }
    }
    if (Boolean.getBoolean("java.net.useSystemProxies")) {
      client.proxy(ProxySelector.getDefault());
      return;
    }
    HubProxies proxies = of(environment);
    client.proxy(proxies.selector());
    if (proxies.byScheme.values().stream().anyMatch(address -> address.userInfo() != null)) {
      client.authenticator(proxies.authenticator());
    }
  }

  static HubProxies of(HubEnvironment environment) {
    Map<String, Address> byScheme = new TreeMap<>();
    for (String scheme : new String[] {"http", "https"}) {
      for (String name : new String[] {scheme + "_proxy", "all_proxy"}) {
        Optional<String> value = environment.first(name, name.toUpperCase(Locale.ROOT));
        if (value.isPresent()) {
          byScheme.put(scheme, parse(name, value.get()));
          break;
        }
      }
    }
    List<String> direct = new ArrayList<>();
    for (String entry : environment.first("no_proxy", "NO_PROXY").orElse("").split(",", -1)) {
      String host = entry.strip().toLowerCase(Locale.ROOT);
      if (!host.isEmpty()) {
        direct.add(host.startsWith(".") ? host.substring(1) : host);
      }
    }
    return new HubProxies(byScheme, direct);
  }

  private static Address parse(String name, String value) {
    String text = value.strip();
    try {
      URI uri = new URI(text.contains("://") ? text : "http://" + text);
      if ("http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null) {
        return new Address(
            uri.getHost(),
            uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
            uri.getRawUserInfo() == null
                ? null
                : URLDecoder.decode(
                    uri.getRawUserInfo().replace("+", "%2B"), StandardCharsets.UTF_8));
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      // reported below, without the password that may be in it
    }
    throw new HubException(
        HubException.Reason.INVALID,
        "%s is not a proxy that can be used; expected http://HOST:PORT, got one that begins with '%s'"
            .formatted(name, OneLine.of(text.replaceAll("(?<=://).*|(?<=^.{8}).*", ""), 20)));
  }

  /** The proxy for an address, empty if it is asked directly. */
  Optional<InetSocketAddress> proxy(URI uri) {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    Address address = byScheme.get(scheme);
    if (address == null || isDirect(uri)) {
      return Optional.empty();
    }
    return Optional.of(new InetSocketAddress(address.host(), address.port()));
  }

  private boolean isDirect(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    String withPort = host + ":" + uri.getPort();
    return direct.stream()
        .anyMatch(
            entry ->
                entry.equals("*")
                    || host.equals(entry)
                    || withPort.equals(entry)
                    || host.endsWith("." + entry));
  }

  private ProxySelector selector() {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        return List.of(
            proxy(uri).map(address -> new Proxy(Proxy.Type.HTTP, address)).orElse(Proxy.NO_PROXY));
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // the request fails with the same
      }
    };
  }

  private Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected @Nullable PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        for (Address address : byScheme.values()) {
          String userInfo = address.userInfo();
          if (userInfo != null
              && address.host().equalsIgnoreCase(getRequestingHost())
              && address.port() == getRequestingPort()) {
            int colon = userInfo.indexOf(':');
            return colon < 0
                ? new PasswordAuthentication(userInfo, new char[0])
                : new PasswordAuthentication(
                    userInfo.substring(0, colon), userInfo.substring(colon + 1).toCharArray());
          }
        }
        return null;
      }
    };
  }
}
