package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.hub.ModelFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The model that comes with the command line, on the photo that comes with it. */
class BuiltinModelTest {
  private static final String NAME = "vit-tiny-cifar10";
  private static final Path PHOTO = Path.of("photos/chelsea.png");

  @BeforeAll
  static void isThere() {
    ClassLoader loader = BuiltinModelTest.class.getClassLoader();
    assumeTrue(
        loader.getResource("io/github/vit4j/models/" + NAME + "/model.safetensors") != null,
        "skipped: " + NAME + " is not on the class path");
  }

  @Test
  void isListed() {
    assertThat(ModelFiles.builtin()).contains(NAME);
  }

  @Test
  void seesTheCatWithoutAnyOption() {
    assumeTrue(Files.exists(PHOTO), "skipped: there is no " + PHOTO.toAbsolutePath());
    assertThat(Vit.run("classify", PHOTO).succeeds().out().lines().findFirst())
        .hasValueSatisfying(line -> assertThat(line).endsWith("  cat"));
  }

  @Test
  void namesTheClassesOfCifar10() {
    Vit vit = Vit.run("config", "--model", "builtin:" + NAME).succeeds();
    assertThat(vit.out()).contains("\"num_hidden_layers\"", "\"airplane\"");
  }
}
