package io.github.vit4j.backend.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.NativeMemory;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.RunGate;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A model as a TorchScript module that reads its weights and writes its outputs in our memory. */
final class DjlSession implements ViTSession {
  private static final int REASON_LENGTH = 400;
  private static final Set<Output> OF_FIRST_TOKEN = Set.of(Output.LOGITS, Output.POOLER_OUTPUT);

  private final ModelDefinition model;
  private final SessionInfo info;
  private final int threads;
  private final PtNDManager device;
  private final PtNDManager host;
  private final PtSymbolBlock module;

  /** What the module reads as long as it lives: held here, for PyTorch does not hold it. */
  private final List<Tensor> weights;

  private final MappedFiles files;
  private final boolean readsFiles;
  private final RunGate gate = new RunGate();

  private DjlSession(
      ModelDefinition model,
      SessionInfo info,
      int threads,
      PtNDManager device,
      PtNDManager host,
      PtSymbolBlock module,
      List<Tensor> weights,
      MappedFiles files,
      boolean readsFiles) {
    this.model = model;
    this.info = info;
    this.threads = threads;
    this.device = device;
    this.host = host;
    this.module = module;
    this.weights = weights;
    this.files = files;
    this.readsFiles = readsFiles;
  }

  /**
   * Compiles the script and hands it the weights.
   *
   * @param gpu the number of the GPU, -1 for the processor
   */
  static DjlSession open(ModelDefinition model, SessionInfo info, int gpu, int threads) {
    MappedFiles files = new MappedFiles(((ModelSource.Weights) model.source()).byName().values());
    files.check();
    TorchLibrary.engine();
    Arithmetic arithmetic = Arithmetic.of(info.precision());
    PtNDManager host = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      PtNDManager device = gpu < 0 ? host : host.newSubManager(Device.gpu(gpu));
      byte[] archive = CodeArchive.of(ViTScript.forSession(model, arithmetic));
      PtSymbolBlock module =
          JniUtils.loadModule(device, new ByteArrayInputStream(archive), false, false);
      JniUtils.setNumThreads(threads);
      boolean inPlace = gpu < 0 && arithmetic.dtype() == Arithmetic.FLOAT32;
      List<Tensor> weights = load(module, device, model);
      files.check(); // whatever was converted is what was checked
      return new DjlSession(
          model,
          info,
          threads,
          device,
          host,
          module,
          inPlace ? weights : List.of(),
          files,
          inPlace);
    } catch (EngineException e) {
      host.close();
      throw new BackendException(
          "PyTorch could not load the model: %s; try another backend".formatted(reason(e)), e);
    } catch (IOException e) {
      host.close();
      throw new UncheckedIOException(e); // not in memory
    } catch (RuntimeException e) {
      host.close();
      throw e;
    }
  }

  /** Hands all weights over and returns the memory that they lie in. */
  private static List<Tensor> load(
      PtSymbolBlock module, PtNDManager device, ModelDefinition model) {
    List<WeightList.Entry> entries = WeightList.of(model);
    PtNDArray[] arrays = new PtNDArray[entries.size()];
    long[] types = new long[entries.size()];
    long[] packed = new long[entries.size()];
    List<Tensor> memory = new ArrayList<>();
    try (PtNDManager scope = device.newSubManager(device.getDevice())) {
      for (int i = 0; i < arrays.length; i++) {
        // What a model lacks is never read; any tensor will do.
        WeightList.Entry entry =
            entries.get(i).weight() == null ? entries.getFirst() : entries.get(i);
        Tensor tensor = NativeMemory.aligned(WeightList.tensor(entry));
        memory.add(tensor);
        arrays[i] = array(scope, tensor);
        types[i] = tensor.elementType() == ElementType.BFLOAT16 ? Arithmetic.BFLOAT16 : 0;
        packed[i] =
            switch (entry.kind()) {
              case PLAIN -> 0;
              case MATRIX -> 1;
              case FLOAT32 -> 2;
            };
      }
      try (IValue given = IValue.listFrom(arrays);
          IValue typeList = IValue.listFrom(types);
          IValue packedList = IValue.listFrom(packed);
          IValue result = IValueUtils.runMethod(module, "load", given, typeList, packedList)) {
        if (result.toLong() != arrays.length) {
          throw new IllegalStateException("the script counts " + result.toLong() + " weights");
        }
      }
    }
    return memory;
  }

  /** A view of the tensor's memory; on a GPU a copy. */
  private static PtNDArray array(PtNDManager manager, Tensor tensor) {
    DataType type =
        switch (tensor.elementType()) {
          case FLOAT32 -> DataType.FLOAT32;
          case FLOAT64 -> DataType.FLOAT64;
          case FLOAT16 -> DataType.FLOAT16;
          case BFLOAT16 ->
              DataType.FLOAT16; // DJL ends the JVM over these; the script takes the bits
          case BOOL -> DataType.BOOLEAN;
          default -> throw new IllegalArgumentException("not an input type: " + tensor);
        };
    return manager.create(NativeMemory.buffer(tensor), new Shape(tensor.shape()), type);
  }

  @Override
  public ViTOutputs run(ViTInputs inputs) {
    return gate.run(
        () -> {
          inputs.checkAgainst(model);
          if (readsFiles) {
            files.check();
          }
          try {
            return compute(inputs);
          } catch (EngineException e) {
            throw new BackendException(
                "PyTorch could not run %s on %s: %s; try fewer images at a time"
                    .formatted(inputs.pixelValues(), info.device(), reason(e)),
                e);
          }
        });
  }

  private ViTOutputs compute(ViTInputs inputs) {
    OutputTensors outputs = OutputTensors.allocate(model, inputs);
    List<Tensor> given = new ArrayList<>();
    given.add(NativeMemory.aligned(inputs.pixelValues()));
    Tensor mask = inputs.boolMaskedPos();
    if (mask != null) {
      given.add(NativeMemory.normalisedMask(mask));
    }
    try (PtNDManager scope = device.newSubManager(device.getDevice());
        PtNDManager results = host.newSubManager(host.getDevice())) {
      PtNDArray[] arguments =
          given.stream().map(tensor -> array(scope, tensor)).toArray(PtNDArray[]::new);
      PtNDArray[] targets =
          outputs.inOrder().stream()
              .map(tensor -> array(results, tensor))
              .toArray(PtNDArray[]::new);
      try (IValue argumentList = IValue.listFrom(arguments);
          IValue targetList = IValue.listFrom(targets);
          IValue flags = IValue.listFrom(flags(inputs))) {
        JniUtils.setNumThreads(threads);
        try (IValue written =
            IValueUtils.runMethod(module, "run", argumentList, targetList, flags)) {
          if (written.toLong() != targets.length) {
            throw new IllegalStateException("the script wrote " + written.toLong() + " outputs");
          }
        }
      }
    } finally {
      Reference.reachabilityFence(given);
      Reference.reachabilityFence(outputs);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(model);
    }
    return outputs.toOutputs();
  }

  /** As {@code run} in the script reads them. */
  private long[] flags(ViTInputs inputs) {
    Set<Output> outputs = inputs.outputs();
    boolean head =
        outputs.contains(Output.LOGITS)
            || outputs.contains(Output.POOLER_OUTPUT)
            || outputs.contains(Output.RECONSTRUCTION);
    return new long[] {
      flag(inputs.needsInterpolation(model.config())),
      flag(OF_FIRST_TOKEN.containsAll(outputs)),
      flag(outputs.contains(Output.HIDDEN_STATES)),
      flag(outputs.contains(Output.ATTENTIONS)),
      flag(outputs.contains(Output.LAST_HIDDEN_STATE)),
      flag(head)
    };
  }

  private static long flag(boolean value) {
    return value ? 1 : 0;
  }

  /** What PyTorch says, without its listing of the script. */
  private static String reason(EngineException e) {
    String line = OneLine.reason(e, Integer.MAX_VALUE);
    int error = line.lastIndexOf("RuntimeError: ");
    return OneLine.of(
        error < 0 ? line : line.substring(error + "RuntimeError: ".length()), REASON_LENGTH);
  }

  @Override
  public SessionInfo info() {
    return info;
  }

  @Override
  public void close() {
    gate.close(
        () -> {
          module.close();
          host.close();
        });
  }
}
