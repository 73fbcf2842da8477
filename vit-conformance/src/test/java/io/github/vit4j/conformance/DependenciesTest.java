package io.github.vit4j.conformance;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

/** Tools run the checks and write reports where there is neither JUnit nor AssertJ. */
@AnalyzeClasses(
    packages = "io.github.vit4j.conformance",
    importOptions = ImportOption.DoNotIncludeTests.class)
class DependenciesTest {
  private static final String TEST_LIBRARIES = "org.(junit|opentest4j|assertj)..";

  @ArchTest
  static final ArchRule onlyTheKitForTestsUsesTestLibraries =
      ArchRuleDefinition.noClasses()
          .that()
          .doNotHaveSimpleName("TensorAssert")
          .and()
          .doNotHaveSimpleName("ViTAssertions")
          .and()
          .haveNameNotMatching(".*\\.BackendConformanceKit(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TEST_LIBRARIES);

  @ArchTest
  static final ArchRule reportsUseNoneAndNeitherTheKit =
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAPackage("..report")
          .should()
          .dependOnClassesThat()
          .haveSimpleName("BackendConformanceKit")
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage(TEST_LIBRARIES);

  @ArchTest
  static final ArchRule noBackendIsUsed =
      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.vit4j.backend..");
}
