package io.github.vit4j.weights;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.weights.PickleValue.Dtype;
import io.github.vit4j.weights.PickleValue.Function;
import io.github.vit4j.weights.PickleValue.StorageType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Python objects that a pickled state dict of tensors refers to by name; every other name is
 * refused. A part of what torch's own restricted unpickler knows ({@code
 * torch/_weights_only_unpickler.py}, {@code _get_allowed_globals}).
 */
final class TorchGlobals {
  private static final Dtype BYTES = new Dtype("uint8", ElementType.UINT8, 1);

  private static final Map<String, PickleValue> BY_NAME = new HashMap<>();

  static {
    BY_NAME.put("collections.OrderedDict", Function.ORDERED_DICT);
    BY_NAME.put("torch.Size", Function.SIZE);
    BY_NAME.put("torch._utils._rebuild_tensor", Function.REBUILD_TENSOR);
    BY_NAME.put("torch._utils._rebuild_tensor_v2", Function.REBUILD_TENSOR_V2);
    BY_NAME.put("torch._utils._rebuild_tensor_v3", Function.REBUILD_TENSOR_V3);
    BY_NAME.put("torch._utils._rebuild_parameter", Function.REBUILD_PARAMETER);
    both("Double", ElementType.FLOAT64, "float64", "double");
    both("Float", ElementType.FLOAT32, "float32", "float");
    both("Half", ElementType.FLOAT16, "float16", "half");
    both("BFloat16", ElementType.BFLOAT16, "bfloat16");
    both("Long", ElementType.INT64, "int64", "long");
    both("Int", ElementType.INT32, "int32", "int");
    both("Short", ElementType.INT16, "int16", "short");
    both("Char", ElementType.INT8, "int8");
    both("Byte", ElementType.UINT8, "uint8");
    both("Bool", ElementType.BOOL, "bool");
    unsupported("ComplexDouble", 16, "complex128");
    unsupported("ComplexFloat", 8, "complex64");
    unsupported("QUInt8", 1, "quint8");
    unsupported("QInt8", 1, "qint8");
    unsupported("QInt32", 4, "qint32");
    unsupported("QUInt4x2", 1, "quint4x2");
    unsupported("QUInt2x4", 1, "quint2x4");
    dtype("uint16", 2);
    dtype("uint32", 4);
    dtype("uint64", 8);
    for (String name :
        new String[] {
          "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"
        }) {
      dtype(name, 1);
    }
    BY_NAME.put("torch.UntypedStorage", new StorageType(BYTES));
    BY_NAME.put("torch.storage.UntypedStorage", new StorageType(BYTES));
  }

  private TorchGlobals() {}

  private static void both(String storage, ElementType type, String... dtypes) {
    Dtype dtype = new Dtype(type.toString(), type, type.byteSize());
    BY_NAME.put("torch." + storage + "Storage", new StorageType(dtype));
    for (String name : dtypes) {
      BY_NAME.put("torch." + name, dtype);
    }
  }

  private static void unsupported(String storage, int byteSize, String dtype) {
    BY_NAME.put("torch." + storage + "Storage", new StorageType(new Dtype(dtype, null, byteSize)));
    dtype(dtype, byteSize);
  }

  private static void dtype(String name, int byteSize) {
    BY_NAME.put("torch." + name, new Dtype(name, null, byteSize));
  }

  /** The object of that name in that module; null when it is to be refused. */
  static @Nullable PickleValue find(String module, String name) {
    return BY_NAME.get(module + "." + name);
  }
}
