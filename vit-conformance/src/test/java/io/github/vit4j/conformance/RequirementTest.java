package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequirementTest {
  @Test
  void numbersAreUniqueAndConsecutive() {
    Set<String> numbers = new HashSet<>();
    for (Requirement.Group group : Requirement.Group.values()) {
      List<Requirement> requirements = group.requirements();
      for (int i = 0; i < requirements.size(); i++) {
        assertThat(requirements.get(i).number()).isEqualTo(group.number() + "." + (i + 1));
        assertThat(numbers.add(requirements.get(i).number())).isTrue();
      }
    }
    assertThat(numbers).hasSize(Requirement.values().length);
  }

  @Test
  void areFoundByNumberAndKey() {
    assertThat(Requirement.of("2.5")).contains(Requirement.HIDDEN_STATES);
    assertThat(Requirement.of("hidden_states")).contains(Requirement.HIDDEN_STATES);
    assertThat(Requirement.of("9.9")).isEmpty();
  }

  @Test
  void thePageListsThemAll() throws IOException {
    String page = Files.readString(Path.of("README.md"));
    assertThat(page.lines().filter(line -> line.matches("\\| \\d+\\.\\d+ .*")))
        .containsExactlyElementsOf(
            Arrays.stream(Requirement.values())
                .map(r -> "| %s | %s | %s |".formatted(r.number(), r.level(), r.sentence()))
                .toList());
  }
}
