"""Numbers that depend on nothing but a seed, a name and a position; SeededNumbers.java gives the same.

SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014) used as a
counter-based hash: the stream of a name starts at mix(seed ^ FNV-1a(name)), and number i of it is
mix(start + (i + 1) * GOLDEN). The top 24 bits k of that give (k - 2^23) * 2^-23, uniform in [-1, 1) and
exact in float32.
"""

import numpy as np

GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
CHUNK = 1 << 20


def fnv1a(text):
    """64 bits of the FNV-1a hash of the UTF-8 bytes."""
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def mix(z):
    """The finalizer of SplitMix64, of a Python integer."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def hashes(seed, name, begin, end):
    """Numbers begin to end of the stream, uint64."""
    start = mix(seed ^ fnv1a(name))
    z = np.arange(begin + 1, end + 1, dtype=np.uint64)
    z *= np.uint64(GOLDEN)
    z += np.uint64(start)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def fill(target, seed, name, factor=1.0, offset=0.0):
    """Writes offset + factor * u to a flat array; exact where factor is a power of two."""
    for begin in range(0, len(target), CHUNK):
        end = min(begin + CHUNK, len(target))
        k = (hashes(seed, name, begin, end) >> np.uint64(40)).astype(np.int64)
        u = (k - (1 << 23)).astype(np.float64) * 2.0**-23
        target[begin:end] = offset + factor * u
    return target


def uniform(seed, name, shape, factor=1.0, offset=0.0):
    """float32, offset + factor * u with u in [-1, 1)."""
    return fill(np.empty(int(np.prod(shape)), np.float32), seed, name, factor, offset).reshape(shape)


def fine(seed, name, shape, factor=1.0, offset=0.0):
    """float64 with more bits than float32 holds."""
    coarse = fill(np.empty(int(np.prod(shape))), seed, name, factor, offset)
    return (coarse + fill(np.empty(coarse.size), seed, name + "/fine", factor * 2.0**-24)).reshape(shape)


def integers(seed, name, shape, bound):
    """int64 in [0, bound)."""
    numbers = hashes(seed, name, 0, int(np.prod(shape))) >> np.uint64(32)
    return (numbers * np.uint64(bound) >> np.uint64(32)).astype(np.int64).reshape(shape)


def sketch(x, seed, count=16):
    """count sums of all elements with random signs, each divided by the root of their number, float64.

    Sign k of element i is bit 63 - k of number i of the stream named "sketch": 1 is +, 0 is -.
    """
    x = np.asarray(x, np.float64).ravel()
    bits = hashes(seed, "sketch", 0, x.size)
    return np.array(
        [np.sum(np.where(bits >> np.uint64(63 - k) & np.uint64(1), x, -x)) for k in range(count)]
    ) / np.sqrt(x.size)  # fmt: skip
