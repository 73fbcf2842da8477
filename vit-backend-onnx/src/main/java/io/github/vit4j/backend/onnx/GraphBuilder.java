package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Writes an ONNX graph node by node. Every method that adds a node returns the name of the value
 * that the node computes. Not thread-safe.
 */
final class GraphBuilder {
  /** The oldest operator set with Gelu. */
  private static final int OPSET = 20;

  /** The version of the file format that came with that operator set. */
  private static final int IR_VERSION = 9;

  private static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("vit");
  private final boolean forOnnxRuntimeAlone;
  private int values;

  private GraphBuilder(boolean forOnnxRuntimeAlone) {
    this.forOnnxRuntimeAlone = forOnnxRuntimeAlone;
  }

  /** A graph that may have operators of ONNX Runtime's own. */
  static GraphBuilder forOnnxRuntime() {
    return new GraphBuilder(true);
  }

  /** A graph of the standard's operators. */
  static GraphBuilder forAnyRuntime() {
    return new GraphBuilder(false);
  }

  /** Whether {@link #microsoftOp} can be used. */
  boolean forOnnxRuntimeAlone() {
    return forOnnxRuntimeAlone;
  }

  /**
   * alpha a b^T, over the last two dimensions.
   *
   * @param rank of b
   */
  String timesTransposed(String a, String b, int rank, float alpha) {
    if (forOnnxRuntimeAlone) {
      List<AttributeProto> attributes = new ArrayList<>();
      attributes.add(integerAttribute("transB", 1));
      if (alpha != 1) {
        attributes.add(floatAttribute("alpha", alpha));
      }
      return microsoftOp("FusedMatMul", List.of(a, b), attributes.toArray(AttributeProto[]::new));
    }
    long[] permutation = LongStream.range(0, rank).toArray();
    permutation[rank - 2] = rank - 1L;
    permutation[rank - 1] = rank - 2L;
    String product = op("MatMul", List.of(a, transpose(b, permutation)));
    return alpha == 1 ? product : multiply(product, constant(alpha));
  }

  /** An operator of the ONNX standard. */
  String op(String type, List<String> inputs, AttributeProto... attributes) {
    return node("", type, inputs, "v" + values++, attributes);
  }

  /** An operator of ONNX Runtime's own. */
  String microsoftOp(String type, List<String> inputs, AttributeProto... attributes) {
    return node(MICROSOFT, type, inputs, "v" + values++, attributes);
  }

  private String node(
      String domain,
      String type,
      List<String> inputs,
      String output,
      AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(type + "_" + output)
            .setDomain(domain)
            .setOpType(type)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(Arrays.asList(attributes)));
    return output;
  }

  /** An input of the graph; a dimension is a number, or a name where it varies. */
  String input(String name, TensorProto.DataType type, Object... dimensions) {
    graph.addInput(valueInfo(name, type, dimensions));
    return name;
  }

  /** Hands {@code value} out as {@code name}, float32. */
  void output(String name, String value, int rank) {
    node("", "Identity", List.of(value), name);
    Object[] dimensions = new Object[rank];
    for (int i = 0; i < rank; i++) {
      dimensions[i] = name + "_" + i;
    }
    graph.addOutput(valueInfo(name, TensorProto.DataType.FLOAT, dimensions));
  }

  private static ValueInfoProto valueInfo(
      String name, TensorProto.DataType type, Object... dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dimension : dimensions) {
      switch (dimension) {
        case Integer size -> shape.addDimBuilder().setDimValue(size);
        case Long size -> shape.addDimBuilder().setDimValue(size);
        default -> shape.addDimBuilder().setDimParam(dimension.toString());
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }

  /** A parameter that lies outside the graph. */
  void initializer(TensorProto tensor) {
    graph.addInitializer(tensor);
  }

  /** A scalar. */
  String constant(float value) {
    String name = "c" + values++;
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .addFloatData(value));
    return name;
  }

  /** A vector of integers: a shape, indices, axes. */
  String integers(long... values) {
    String name = "c" + this.values++;
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    graph.addInitializer(tensor);
    return name;
  }

  /** An integer of rank 0. */
  String integer(long value) {
    String name = "c" + values++;
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addInt64Data(value));
    return name;
  }

  /** An int8 tensor that lies in the graph. */
  String bytes(byte[] data, long... shape) {
    String name = "c" + values++;
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT8.getNumber())
            .setRawData(com.google.protobuf.ByteString.copyFrom(data));
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    graph.addInitializer(tensor);
    return name;
  }

  /** A vector of one uint8. */
  String unsignedByte(int value) {
    return oneByte(TensorProto.DataType.UINT8, value);
  }

  /** A vector of one int8. */
  String signedByte(int value) {
    return oneByte(TensorProto.DataType.INT8, value);
  }

  private String oneByte(TensorProto.DataType type, int value) {
    String name = "c" + values++;
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .addDims(1)
            .addInt32Data(value));
    return name;
  }

  String add(String a, String b) {
    return op("Add", List.of(a, b));
  }

  String multiply(String a, String b) {
    return op("Mul", List.of(a, b));
  }

  /** 0 keeps a dimension, -1 takes what is left. */
  String reshape(String value, long... shape) {
    return op("Reshape", List.of(value, integers(shape)));
  }

  String transpose(String value, long... permutation) {
    return op("Transpose", List.of(value), integersAttribute("perm", permutation));
  }

  /** The model. */
  ModelProto build() {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("vit4j")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET));
    if (forOnnxRuntimeAlone) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1));
    }
    return model.setGraph(graph).build();
  }

  static AttributeProto integerAttribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto integersAttribute(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  static AttributeProto floatAttribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto stringAttribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(com.google.protobuf.ByteString.copyFromUtf8(value))
        .build();
  }
}
