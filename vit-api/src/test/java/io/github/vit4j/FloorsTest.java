package io.github.vit4j;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;

/** The floors of the house: each package uses only packages on floors below its own. */
@AnalyzeClasses(packages = "io.github.vit4j", importOptions = ImportOption.DoNotIncludeTests.class)
class FloorsTest {
  /** From the ground up. */
  private static final String[] FLOORS = {
    "error",
    "tensor",
    "image",
    "config",
    "weights",
    "spi",
    "hub",
    "runtime",
    "",
    "pipeline",
    "guice"
  };

  @ArchTest static final ArchRule floorsUseOnlyFloorsBelow = floors();

  @ArchTest
  static final ArchRule noEngineIsUsed =
      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.onnxruntime..", "ai.djl..", "uk.ac.manchester.tornado..", "org.pytorch..");

  @ArchTest
  static final ArchRule onlyTheGuiceFloorUsesGuice =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackage("io.github.vit4j.guice")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.inject..", "com.google.common..");

  private static LayeredArchitecture floors() {
    LayeredArchitecture architecture = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String floor : FLOORS) {
      architecture =
          architecture
              .layer(name(floor))
              .definedBy("io.github.vit4j" + (floor.isEmpty() ? "" : "." + floor));
    }
    for (int i = 0; i < FLOORS.length; i++) {
      String[] above = new String[FLOORS.length - i - 1];
      for (int j = 0; j < above.length; j++) {
        above[j] = name(FLOORS[i + 1 + j]);
      }
      architecture =
          above.length == 0
              ? architecture.whereLayer(name(FLOORS[i])).mayNotBeAccessedByAnyLayer()
              : architecture.whereLayer(name(FLOORS[i])).mayOnlyBeAccessedByLayers(above);
    }
    return architecture;
  }

  private static String name(String floor) {
    return floor.isEmpty() ? "(root)" : floor;
  }
}
