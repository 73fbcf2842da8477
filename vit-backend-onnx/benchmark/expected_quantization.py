"""Writes the numbers that QuantizationTest expects of the rounding to 8 bits, computed by numpy.

    python vit-backend-onnx/benchmark/expected_quantization.py > \\
        vit-backend-onnx/src/test/resources/io/github/vit4j/backend/onnx/quantization.txt
"""

import numpy as np

OUT, IN, ROWS = 70, 40, 9


def main():
    random = np.random.default_rng(7)
    weight = random.standard_normal((OUT, IN)).astype(np.float32) * np.exp(random.uniform(-8, 4, (OUT, 1))).astype(np.float32)
    weight[3] = 0
    weight[5] = np.float32(1e-42)  # not a normal number
    weight[6] = (np.arange(IN) - 20) * np.float32(0.5)
    weight[6, 0] = 127  # the scale is 1, so halves are met exactly
    bias = random.standard_normal(OUT).astype(np.float32)
    x = random.standard_normal((ROWS, IN)).astype(np.float32)
    x[2] = 0
    x[4] *= 1e4
    x[5] = -np.abs(x[5])

    smallest = np.float32(np.finfo(np.float32).tiny)
    scales = np.maximum(np.abs(weight).max(axis=1) / np.float32(127), smallest)
    values = np.rint(weight / scales[:, None]).astype(np.int8)
    # The activations' scales are multiplied by 1/127, as the graph does.
    row_scales = np.maximum(np.abs(x).max(axis=1) * np.float32(1 / 127), smallest)
    rows = np.clip(np.rint(x / row_scales[:, None]), -128, 127).astype(np.int64)
    exact = (rows @ values.T.astype(np.int64)).astype(np.float64)
    y = exact * row_scales[:, None].astype(np.float64) * scales.astype(np.float64) + bias
    for name, array in (("weight", weight), ("bias", bias), ("x", x), ("scales", scales), ("values", values), ("y", y)):
        print(name, *array.shape)
        print(*(repr(v.item()) for v in array.ravel()))


if __name__ == "__main__":
    main()
