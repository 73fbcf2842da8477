package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.config.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The command line as a user sees it: arguments in, exit code and two streams of text out. */
record Vit(int exitCode, String out, String err) {
  /** Runs {@code vit} with the arguments' texts. */
  static Vit run(Object... arguments) {
    return run(System.getenv(), arguments);
  }

  /** With other environment variables for the hub. */
  static Vit run(Map<String, String> environment, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int exitCode = Main.run(texts, new PrintWriter(out), new PrintWriter(err), environment);
    return new Vit(exitCode, out.toString(), err.toString());
  }

  /** It succeeded without a word on standard error. */
  Vit succeeds() {
    assertThat(err).isEmpty();
    assertThat(exitCode).isZero();
    return this;
  }

  /** It failed with nothing but one line that has all of these parts. */
  Vit fails(String... parts) {
    assertThat(exitCode).as(err).isEqualTo(1);
    assertThat(out).isEmpty();
    return saysOneLine(parts);
  }

  /** It was called wrongly and answers with nothing but one line that has all of these parts. */
  Vit isWrongUsage(String... parts) {
    assertThat(exitCode).as(err).isEqualTo(2);
    assertThat(out).isEmpty();
    assertThat(err).contains("; try './vit ").endsWith("--help'" + System.lineSeparator());
    return saysOneLine(parts);
  }

  private Vit saysOneLine(String... parts) {
    assertThat(err).startsWith("vit: ").contains(parts);
    assertThat(err.lines()).hasSize(1);
    assertThat(err).doesNotContain("Exception", "\tat ", "internal error");
    return this;
  }

  /** The JSON object that was printed, or the array as an object's property {@code array}. */
  ObjectNode json() throws IOException {
    String object = out.startsWith("[") ? "{\"array\": " + out + "}" : out;
    return Json.readObject(object.getBytes(StandardCharsets.UTF_8));
  }
}
