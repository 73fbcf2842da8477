package io.github.vit4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against what torch makes of the same bits ({@code src/test/reference/tensors.py}). */
class ConversionsTest {
  private final JsonNode table = table();

  private static JsonNode table() {
    try (InputStream in = ConversionsTest.class.getResourceAsStream("conversions.json")) {
      return new JsonMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void roundsFloatsAsTorchDoes() {
    JsonNode rows = table.get("from_float32");
    assertThat(rows.size()).isGreaterThan(400);
    for (JsonNode row : rows) {
      int bits = (int) row.get(0).longValue();
      Tensor value = Tensor.of(new float[] {Float.intBitsToFloat(bits)}, 1);
      short half = to16Bits(value, ElementType.FLOAT16);
      short bfloat = to16Bits(value, ElementType.BFLOAT16);
      if (Float.isNaN(Float.intBitsToFloat(bits))) {
        // torch keeps some payloads and not others, depending on the processor
        assertThat(Float.float16ToFloat(half)).isNaN();
        assertThat(bfloat).isEqualTo((short) 0x7fc0);
      } else {
        String label = "%08x".formatted(bits);
        assertThat(half).as(label).isEqualTo((short) row.get(1).intValue());
        assertThat(bfloat).as(label).isEqualTo((short) row.get(2).intValue());
      }
    }
  }

  private static short to16Bits(Tensor value, ElementType type) {
    return value.to(type).data().get(ValueLayout.JAVA_SHORT_UNALIGNED, 0);
  }

  @Test
  void widensAsTorchDoes() {
    JsonNode rows = table.get("to_float32");
    assertThat(rows.size()).isGreaterThan(200);
    for (JsonNode row : rows) {
      short bits = (short) row.get(0).intValue();
      assertWidens(bits, ElementType.FLOAT16, (int) row.get(1).longValue());
      assertWidens(bits, ElementType.BFLOAT16, (int) row.get(2).longValue());
    }
  }

  private static void assertWidens(short bits, ElementType type, int expected) {
    Tensor value = Tensor.allocate(type, 1);
    value.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, bits);
    float widened = value.to(ElementType.FLOAT32).getFloat(0);
    if (Float.isNaN(Float.intBitsToFloat(expected))) {
      assertThat(widened).isNaN();
    } else {
      assertThat(Float.floatToRawIntBits(widened)).as("%04x", bits).isEqualTo(expected);
    }
  }
}
