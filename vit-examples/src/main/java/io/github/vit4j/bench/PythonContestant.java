package io.github.vit4j.bench;

import tools.jackson.databind.JsonNode;

/**
 * An engine of Python's; {@link #CUDA} runs on the first GPU, the others on the processor.
 *
 * @param worker shared, and not closed with this
 * @param id as the script calls it
 * @param engine as people call it
 */
record PythonContestant(
    PythonWorker worker, String id, String engine, String precision, int threads)
    implements Contestant {
  static final String CUDA = "cuda";

  /** Loads the model there. */
  static PythonContestant open(
      PythonWorker worker, String id, String engine, String precision, int threads, String model) {
    worker.ask(
        "open",
        request -> request.put("engine", id).put("precision", precision).put("model", model));
    return new PythonContestant(worker, id, engine, precision, threads);
  }

  @Override
  public String device() {
    return id.equals(CUDA) ? CUDA : "cpu";
  }

  @Override
  public int callers() {
    return 1;
  }

  @Override
  public boolean isOurs() {
    return false;
  }

  @Override
  public double turn(int batch, double seconds) {
    return worker
        .ask(
            "run",
            request ->
                request
                    .put("engine", id)
                    .put("precision", precision)
                    .put("batch", batch)
                    .put("seconds", seconds))
        .get("seconds")
        .doubleValue();
  }

  @Override
  public float[] logits(int batch) {
    JsonNode numbers =
        worker
            .ask(
                "logits",
                request ->
                    request.put("engine", id).put("precision", precision).put("batch", batch))
            .get("logits");
    float[] logits = new float[numbers.size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = numbers.get(i).floatValue();
    }
    return logits;
  }

  @Override
  public void close() {}
}
