"""Writes what transformers' activation functions give in float64.

    python activations.py ../resources/io/github/vit4j/conformance/reference/activations.tsv

One row per argument, one column per function, every number as Python's repr, which is exact.
Written with transformers 5.18.0 and torch 2.13.0. prelu and xielu have parameters of their own.
"""

import sys

import torch
from transformers.activations import ACT2FN

NAMES = sorted(set(ACT2FN) - {"prelu", "xielu"})
# Every branch and its ends, the steep parts, and tails where exponentials overflow.
ARGUMENTS = torch.tensor(
    [-800.0, -100.0, -40.0, -26.0, -20.5, -10.0, -8.0]
    + [i / 8 for i in range(-48, 49)]
    + [-1e-3, 1e-3, 1e-9, -1e-9, -0.0, 0.707107, 8.0, 10.0, 10.5, 19.9, 20.0, 20.1, 40.0, 100.0, 800.0],
    dtype=torch.float64,
)


def main(path):
    arguments, _ = torch.sort(ARGUMENTS)
    columns = [ACT2FN[name](arguments) for name in NAMES]
    assert all(column.dtype == torch.float64 for column in columns)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        print("x", *NAMES, sep="\t", file=file)
        for i, x in enumerate(arguments.tolist()):
            print(repr(x), *[repr(column[i].item()) for column in columns], sep="\t", file=file)


main(sys.argv[1])
