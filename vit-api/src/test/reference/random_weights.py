"""Prints the golden numbers of RandomWeightsTest, from an implementation of its own.

Run: python vit-api/src/test/reference/random_weights.py
Needs numpy.
"""

import math

import numpy as np

MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def fnv1a(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def normals(seed, name):
    state = mix(mix(seed) ^ fnv1a(name))

    def uniform():
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & MASK
        return (mix(state) >> 11) * 2.0**-53

    while True:
        x, y = 2 * uniform() - 1, 2 * uniform() - 1
        square = x * x + y * y
        if 0 < square < 1:
            scale = math.sqrt(-2 * math.log(square) / square)
            yield x * scale
            yield y * scale


for name in ["embeddings.patch_embeddings.projection.weight", "embeddings.cls_token"]:
    source = normals(42, name)
    numbers = [np.float32(0.02 * next(source)) for _ in range(4)]
    print(name, ", ".join(f"{number!s}f" for number in numbers))
