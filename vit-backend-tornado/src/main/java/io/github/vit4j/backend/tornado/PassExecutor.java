package io.github.vit4j.backend.tornado;

/** Something that runs kernels. Called by one thread at a time. */
interface PassExecutor extends AutoCloseable {
  /**
   * Gets a forward pass ready to be run again and again.
   *
   * @throws OutOfMemoryError if its buffers do not fit the heap
   * @throws DeviceMemoryException if they do not fit the device
   */
  PreparedPass prepare(ForwardPass pass);

  /**
   * How many rows, one per token of every image, to compute together where there is a choice; at
   * least one image is computed in any case.
   */
  int rowsAtATime();

  /** How many passes to keep ready beside each other at most. */
  int passesToKeep();

  /** How many bytes those passes may take together; a single one may take more. */
  long bytesToKeep();

  /** Frees everything, the threads too. Passes have been closed before. */
  @Override
  void close();

  /** A forward pass with memory for its buffers. */
  interface PreparedPass extends AutoCloseable {
    /** Where to put an input before, and find a result after, {@link #run}. */
    float[] contents(Buffer buffer);

    /** Memory that it takes until it is closed, in bytes, as far as it is worth counting. */
    long bytes();

    /**
     * Computes the results from the inputs.
     *
     * @throws DeviceMemoryException if its memory, which may be asked for only now, is not given
     */
    void run();

    @Override
    void close();
  }
}
