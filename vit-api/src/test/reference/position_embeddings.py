"""Writes position embeddings and what torch interpolates them to.

    python position_embeddings.py ../resources/io/github/vit4j/spi/position-embeddings.safetensors

Written with torch 2.13.0 on a CPU. Tensors are named GRID/ROWSxCOLUMNS, the source GRID/source;
all are [1, 1 + patches, 5], as transformers' interpolate_pos_encoding makes them.
"""

import sys

import torch
from safetensors.torch import save_file

HIDDEN = 5


def interpolate(positions, rows, columns):
    side = int((positions.shape[1] - 1) ** 0.5)
    grid = positions[:, 1:].reshape(1, side, side, HIDDEN).permute(0, 3, 1, 2)
    grid = torch.nn.functional.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False)
    return torch.cat((positions[:, :1], grid.permute(0, 2, 3, 1).reshape(1, -1, HIDDEN)), dim=1)


def main(target):
    torch.manual_seed(0)
    tensors = {}
    for side in (1, 2, 7, 14):
        source = torch.randn(1, 1 + side * side, HIDDEN)
        tensors[f"{side}/source"] = source
        for rows, columns in ((1, 1), (side, side), (3, 11), (16, 9), (side + 1, side), (2 * side, 2 * side)):
            tensors[f"{side}/{rows}x{columns}"] = interpolate(source, rows, columns)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, target)


if __name__ == "__main__":
    main(sys.argv[1])
