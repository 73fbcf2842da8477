package io.github.vit4j.image;

import java.time.Duration;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Files that {@link ImageReaderFuzzTest} once found something with. */
class FuzzFindingsTest {
  @TestFactory
  Stream<DynamicTest> stayMended() {
    return GeneratedImages.rows(FuzzFindingsTest.class, "fuzz-findings.tsv").stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.getFirst(),
                    () ->
                        Assertions.assertTimeoutPreemptively(
                            Duration.ofSeconds(10),
                            () ->
                                ImageReaderFuzzTarget.fuzzerTestOneInput(
                                    Base64.getDecoder().decode(row.get(1))))));
  }
}
