package io.github.vit4j.backend.tornado;

/** A layer normalisation: one factor and one summand per feature. */
@SuppressWarnings("ArrayRecordComponent") // read by kernels, never compared
record NormWeights(float[] weight, float[] bias) {}
