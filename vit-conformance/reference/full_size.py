"""Models of the sizes that are in use, with weights from seeded numbers, so that only views of outputs are stored.

Weights by their canonical names: matrices (and the patch projection) are u * 2^-floor(log2(sqrt(fan in))),
LayerNorm weights 1 + u / 4 rounded to float32, biases u / 8, tokens and positions u. FullSizeWeights.java
draws the same.
"""

import gc
import hashlib
import json
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import ViTConfig

import measure
import models
import seeded

INPUTS_TO_MEASURE = 4
SKETCH_SEED = 1
LARGE = dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096)
HUGE = dict(hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, intermediate_size=5120)
PARTS = {
    "layernorm_before": "layernorm_before", "attention.q_proj": "attention.attention.query",
    "attention.k_proj": "attention.attention.key", "attention.v_proj": "attention.attention.value",
    "attention.o_proj": "attention.output.dense", "layernorm_after": "layernorm_after",
    "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense",
}  # fmt: skip


@dataclass
class Case:
    """A published model's configuration."""

    name: str
    seed: int
    fields: dict[str, Any] = field(default_factory=dict)
    kind: str = "ViTForImageClassification"


CASES = [
    Case("vit-base-patch16-224", 1, dict(num_labels=1000)),
    Case("vit-base-patch32-224", 2, dict(num_labels=1000, patch_size=32)),
    Case("vit-large-patch16-224", 3, dict(num_labels=1000, **LARGE)),
    Case("vit-large-patch32-384", 4, dict(num_labels=1000, patch_size=32, image_size=384, **LARGE)),
    # As vit-huge-patch14-224-in21k: with a pooler, without a head.
    Case("vit-huge-patch14-224", 5, dict(patch_size=14, encoder_stride=16, **HUGE), "ViTModel"),
]


def canonical(name):
    """The name on disk, without prefix."""
    name = name.removeprefix("vit.")
    if not name.startswith("layers."):
        return name
    _, layer, part = name.split(".", 2)
    module, kind = part.rsplit(".", 1)
    return f"encoder.layer.{layer}.{PARTS[module]}.{kind}"


def draw(seed, name, shape):
    """The parameter of that canonical name, float32."""
    if "layernorm" in name and name.endswith(".weight"):
        return seeded.uniform(seed, name, shape, 0.25, 1.0)
    if name.endswith(".bias"):
        return seeded.uniform(seed, name, shape, 0.125)
    if name.endswith("token") or name.endswith("embeddings"):
        return seeded.uniform(seed, name, shape)
    fan_in = int(np.prod(shape[1:]))
    return seeded.uniform(seed, name, shape, 2.0 ** -((fan_in.bit_length() - 1) // 2))


def skeleton(case, config):
    """The model without memory for its parameters."""
    with torch.device("meta"):
        return models.KINDS[case.kind](config).eval()


def weights(case, config):
    """The parameters by their names in the model, and the SHA-256 of all their bytes in the model's order."""
    digest = hashlib.sha256()
    parameters = {}
    for name, parameter in skeleton(case, config).named_parameters():
        values = draw(case.seed, canonical(name), tuple(parameter.shape))
        digest.update(values)
        parameters[name] = torch.from_numpy(values)
    return parameters, digest.hexdigest()


def instance(case, config, parameters, precision):
    """The model in that precision, sharing the parameters' memory where the type is the same."""
    dtype = {"float64": torch.float64, **measure.HALVES}.get(precision, torch.float32)
    model = skeleton(case, config)
    model.load_state_dict({name: p.to(dtype) for name, p in parameters.items()}, assign=True)
    return measure.in_precision(model, "int8") if precision == "int8" else model


def views(tensors):
    """What is stored of each tensor: all of up to 2000 numbers, else a corner and a sketch."""
    result = {}
    for name, tensor in tensors.items():
        if tensor.numel() <= 2000:
            result[name, "whole"] = tensor
        else:
            result[name, "slice"] = tensor[:, :4, :32].contiguous()
            result[name, "projections"] = torch.from_numpy(seeded.sketch(tensor.double().numpy(), SKETCH_SEED))
    return result


def view(kind, shape):
    """For the metadata."""
    return {
        "whole": {"kind": "whole"},
        "slice": {"kind": "slice", "begin": [0] * len(shape), "length": [1, 4, 32]},
        "projections": {"kind": "projections", "seed": SKETCH_SEED, "count": 16},
    }[kind]


def write(case, directory, left_out):
    """Writes config.json and runs.safetensors, whose metadata is as that of small cases but for
    "pixel_values": {"seed", "name", "shape"}, u of seeded.py, and for expected tensors in float64 only.
    """
    config = ViTConfig(architectures=[case.kind], dtype="float32", **case.fields)
    directory.mkdir()
    config.save_pretrained(directory)
    parameters, digest = weights(case, config)
    outputs = ["logits", "last_hidden_state"] if case.kind != "ViTModel" else ["last_hidden_state", "pooler_output"]
    shape = (1, config.num_channels, config.image_size, config.image_size)
    names = [f"pixel_values/{i}" for i in range(INPUTS_TO_MEASURE)]
    pixels = [torch.from_numpy(seeded.uniform(case.seed, name, shape)) for name in names]

    model = instance(case, config, parameters, "float64")
    whole = [measure.forward(model, {"pixel_values": p}, outputs) for p in pixels]
    shapes = {name: list(tensor.shape) for name, tensor in whole[0].items()}
    exact = [views(tensors) for tensors in whole]
    del model, whole
    losses = {key: {} for key in exact[0]}
    for precision in measure.PRECISIONS:
        gc.collect()
        # Products of halves would take hours without oneDNN; its attention kernel wants the instructions
        # that ATEN_CPU_CAPABILITY=default takes from it, so sdpa is the one of plain products there.
        torch.backends.mkldnn.enabled = precision in measure.HALVES
        model = instance(case, config, parameters, precision)
        for attention in ("eager", "sdpa"):
            for p, wanted in zip(pixels, exact):
                with sdpa_kernel(SDPBackend.MATH) if precision in measure.HALVES else nullcontext():
                    actual = views(measure.forward(model, {"pixel_values": p}, outputs, precision, attention))
                for key, tensor in actual.items():
                    loss = measure.difference(tensor, wanted[key])
                    losses[key][precision] = max(losses[key].get(precision, 0.0), loss)
        del model
    torch.backends.mkldnn.enabled = False
    expected, tensors = [], {}
    for (name, kind), tensor in exact[0].items():
        key = f"seeded/{name}/{kind}"
        tensors[f"{key}/float64"] = tensor
        loss = {p: measure.rounded_up(value) for p, value in losses[name, kind].items() if value < float("inf")}
        for precision in measure.PRECISIONS:
            if precision not in loss:
                left_out.append(dict(case=case.name, run="seeded", tensor=name, precision=precision, reason="not finite"))
        expected.append(
            dict(name=name, shape=shapes[name], view=view(kind, shapes[name]), key=key, pytorch_loss=loss)
        )
    run = dict(
        name="seeded",
        requirement="full_size",
        interpolate_pos_encoding=False,
        outputs=outputs,
        pixel_values=dict(seed=case.seed, name=names[0], shape=list(shape)),
        expected=expected,
    )
    save_file(tensors, directory / "runs.safetensors", {"runs": json.dumps([run])})
    count = sum(p.numel() for p in parameters.values())
    return dict(weights=dict(seed=case.seed, parameters=count, sha256=digest))
