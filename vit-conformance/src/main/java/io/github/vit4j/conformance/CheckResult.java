package io.github.vit4j.conformance;

/**
 * One check and how it ended.
 *
 * @param requirement what was judged
 * @param name which case of it, unique within the requirement, for example {@code patch_14: masked}
 * @param outcome how it ended
 */
public record CheckResult(Requirement requirement, String name, Outcome outcome) {}
