"""Makes the small models and their inputs from seeded numbers."""

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import ViTConfig, ViTForImageClassification, ViTForMaskedImageModeling, ViTModel

import seeded

SEED = 0
KINDS = {c.__name__: c for c in (ViTModel, ViTForImageClassification, ViTForMaskedImageModeling)}


def pair(value):
    """Height and width."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value, value)


def numbers(name, shape, factor=1.0, offset=0.0):
    return torch.from_numpy(seeded.uniform(SEED, name, tuple(shape), factor, offset))


def build(case):
    """The model in the case's dtype. Zero biases, unit norms and a zero mask token would hide mistakes.

    Matrices and biases are drawn from wide * u, LayerNorm weights from 1 + u / 2, tokens and positions
    from 2 u; everything that is added to the residual stream is multiplied by case.residual.
    """
    config = ViTConfig(**case.config())
    kind = KINDS[case.kind]
    if kind is ViTModel:
        model = ViTModel(config, add_pooling_layer=case.pooler, use_mask_token=case.mask_token)
    else:
        model = kind(config)
    dtype = getattr(torch, case.dtype)
    model = model.to(dtype).eval()
    draw = seeded.fine if dtype is torch.float64 else seeded.uniform
    for name, parameter in model.named_parameters():
        if "norm" in name and name.endswith("weight"):
            factor, offset = 0.5, 1.0
        elif "token" in name or "position" in name:
            factor, offset = 2 * case.residual, 0.0
        elif "patch_embeddings" in name or "o_proj" in name or "fc2" in name:
            factor, offset = case.wide * case.residual, 0.0
        else:
            factor, offset = case.wide, 0.0
        values = draw(SEED, f"{case.name}/{name.removeprefix('vit.')}", tuple(parameter.shape), factor, offset)
        parameter.data = torch.from_numpy(values).to(dtype)
    return model


def save(case, model, directory):
    """As save_pretrained writes it, parameters under the case's names; checked by reading it again."""
    model.save_pretrained(directory, save_original_format=case.names != "transformers_5")
    file = directory / "model.safetensors"
    rename = {
        "without_prefix": lambda name: name.removeprefix("vit."),
        "with_prefix": lambda name: "vit." + name,
        "gamma_beta": gamma_beta,
    }.get(case.names)
    if rename:
        save_file({rename(name): tensor for name, tensor in load_file(file).items()}, file, {"format": "pt"})
    expected_prefix = {"transformers_5": "layers.0.attention.q_proj"}.get(case.names, "encoder.layer.0.")
    if case.config()["num_hidden_layers"]:
        assert any(expected_prefix in name for name in load_file(file)), f"{case.name}: other names than meant"
    if case.names == "gamma_beta":
        return  # transformers 5 reads them no more
    arguments = {} if case.kind != "ViTModel" else dict(add_pooling_layer=case.pooler, use_mask_token=case.mask_token)
    read = KINDS[case.kind].from_pretrained(directory, dtype=getattr(torch, case.dtype), **arguments)
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, read.get_parameter(name)), f"{case.name}: {name} is read differently"


def gamma_beta(name):
    """The names of LayerNorm's parameters in checkpoints that were converted from TensorFlow."""
    if "layernorm" not in name:
        return name
    return name.removesuffix("weight") + "gamma" if name.endswith("weight") else name.removesuffix("bias") + "beta"


def inputs(case, run, number):
    """The arguments of forward of input number of the run; input 0 is the stored one."""
    config = case.config()
    name = f"{case.name}/{run.name}/%s/{number}"
    height, width = run.image_size or pair(config["image_size"])
    channels = config.get("num_channels", 3)
    arguments = {"pixel_values": numbers(name % "pixel_values", (run.images, channels, height, width), 2.0)}
    if run.image_size is not None:
        arguments["interpolate_pos_encoding"] = True
    if run.mask is not None:
        patch_height, patch_width = pair(config["patch_size"])
        patches = (height // patch_height) * (width // patch_width)
        arguments["bool_masked_pos"] = mask(run.mask, name % "bool_masked_pos", run.images, patches)
    if run.labels is not None:
        arguments["labels"] = labels(run.labels, name % "labels", run.images, config.get("num_labels", 2))
    return arguments


def mask(kind, name, images, patches):
    random = numbers(name, (images, patches)) < 0
    rows = {
        "none": torch.zeros_like(random),
        "all": torch.ones_like(random),
        "random": random,
        "first": torch.arange(patches).expand(images, patches) == 0,
    }
    if kind != "per_image":
        return rows[kind].contiguous()
    return torch.stack([rows[("none", "all", "random", "first")[i % 4]][i] for i in range(images)])


def labels(kind, name, images, count):
    if kind in ("class", "class_ignored"):
        classes = torch.from_numpy(seeded.integers(SEED, name, (images,), count))
        if kind == "class_ignored":
            classes[1] = -100
        return classes
    if kind == "truth":
        return (numbers(name, (images, count)) < 0).float()
    return numbers(name, (images,) if kind == "value" else (images, count), 2.0)


def canonical(tensors):
    """As numpy arrays."""
    return {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in tensors.items()}
