"""Writes what torch makes of numbers in other element types, for the tests of package tensor.

Run from the repository root: python vit-api/src/test/reference/tensors.py
Needs torch and numpy.
"""

import json
import pathlib
import random

import numpy as np
import torch

OUT = pathlib.Path(__file__).parents[1] / "resources/io/github/vit4j/tensor"
OUT.mkdir(parents=True, exist_ok=True)
random.seed(0)

edges = [
    0x00000000, 0x80000000, 0x00000001, 0x007FFFFF, 0x00800000,  # zeros, float32 subnormals
    0x33000000, 0x33000001, 0x33800000, 0x33C00000, 0x387FC000, 0x387FE000, 0x387FF000,  # float16 subnormals
    0x38800000, 0x477FE000, 0x477FEFFF, 0x477FF000, 0x47800000, 0x7F7FFFFF,  # float16 limits, float32 maximum
    0x7F7F7FFF, 0x7F7F8000,  # rounds to bfloat16's maximum, to infinity
    0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0xFFC01234,  # infinities, NaNs
    0x3F800000, 0x3F801000, 0x3F803000, 0x3F801001, 0x3F808000, 0x3F818000, 0x3F808001,  # ties
]
floats = edges + [random.getrandbits(32) for _ in range(200)]
floats += [(random.getrandbits(1) << 31) | (random.randrange(100, 145) << 23) | random.getrandbits(23) for _ in range(200)]
bits32 = np.array(floats, dtype=np.uint32)
values = torch.from_numpy(bits32.view(np.float32).copy())
half = values.to(torch.float16).view(torch.int16).numpy().view(np.uint16)
bfloat = values.to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16)

edges16 = [0, 0x8000, 1, 0x03FF, 0x0400, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x7C01, 0x7F80, 0xFF80, 0x7FC0, 0x7F81, 0x0080]
bits16 = np.array(edges16 + [random.getrandbits(16) for _ in range(200)], dtype=np.uint16)
words = torch.from_numpy(bits16.view(np.int16).copy())


def as_float(dtype):
    return words.view(dtype).to(torch.float32).numpy().view(np.uint32)


table = {
    # float32 bits, float16 bits, bfloat16 bits
    "from_float32": [list(map(int, row)) for row in zip(bits32, half, bfloat)],
    # 16 bits, the float32 bits they mean as float16, as bfloat16
    "to_float32": [list(map(int, row)) for row in zip(bits16, as_float(torch.float16), as_float(torch.bfloat16))],
}
text = json.dumps(table).replace("], [", "],\n[")
(OUT / "conversions.json").write_text(text + "\n")
