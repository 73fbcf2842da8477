"""Writes the checkpoints and name lists that the tests of package weights compare with.

Run from the repository root: python vit-api/src/test/reference/checkpoints.py
Needs torch, transformers (5.x) and safetensors.
"""

import json
import pathlib
import tempfile

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import ViTConfig, ViTForImageClassification, ViTForMaskedImageModeling, ViTModel

OUT = pathlib.Path(__file__).parents[1] / "resources/io/github/vit4j/weights"
OUT.mkdir(parents=True, exist_ok=True)


def arange(dtype, *shape):
    count = 1
    for size in shape:
        count *= size
    return (torch.arange(count) % 100).to(dtype).reshape(shape)


# Every element type, names that sort differently by UTF-8 and UTF-16, names to escape, rank 0, empty.
every_type = {
    "z.float32": arange(torch.float32, 2, 3),
    "a.float32": arange(torch.float32, 5),
    "B.float32": arange(torch.float32, 1),
    "scalar": torch.tensor(3.5),
    "empty": torch.zeros(0, 4),
    "half": arange(torch.float16, 3),
    "bfloat": arange(torch.bfloat16, 3),
    "double": arange(torch.float64, 2),
    "int64": arange(torch.int64, 2),
    "int32": arange(torch.int32, 3),
    "int16": arange(torch.int16, 3),
    "int8": arange(torch.int8, 3),
    "uint8": arange(torch.uint8, 3),
    "bool": torch.tensor([True, False, True]),
    "\uff5e": arange(torch.float32, 2),
    "\U0001f600": arange(torch.float32, 3),
    'quote " backslash \\ tab \t line \n bell \a del \x7f': arange(torch.float32, 1),
}
save_file(every_type, OUT / "every-type.safetensors", metadata={"format": "pt"})

config = ViTConfig(
    hidden_size=4,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=6,
    image_size=8,
    patch_size=4,
    encoder_stride=4,
)
names = {}
for label, model in {
    "ViTModel": ViTModel(config, use_mask_token=True),
    "ViTForImageClassification": ViTForImageClassification(config),
    "ViTForMaskedImageModeling": ViTForMaskedImageModeling(config),
}.items():
    with tempfile.TemporaryDirectory() as directory:
        model.save_pretrained(directory)
        with safe_open(pathlib.Path(directory) / "model.safetensors", "pt") as file:
            saved = {name: list(file.get_slice(name).get_shape()) for name in file.keys()}
    memory = {name: list(value.shape) for name, value in model.state_dict().items()}
    names[label] = {"saved": dict(sorted(saved.items())), "memory": memory}
(OUT / "names.json").write_text(json.dumps(names, indent=1) + "\n")

# The distributions of a new model, for the statistics of random weights.
torch.manual_seed(0)
wide = ViTForMaskedImageModeling(
    ViTConfig(hidden_size=256, num_hidden_layers=1, num_attention_heads=2, intermediate_size=512)
)
statistics = {
    name: [value.mean().item(), value.std(correction=0).item()]
    for name, value in wide.state_dict().items()
}
(OUT / "initial-statistics.json").write_text(json.dumps(statistics, indent=1) + "\n")
