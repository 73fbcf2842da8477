#!/usr/bin/env python3
"""Compares `./vit run` with HuggingFace transformers in float32, on many small random models.

    python vit-examples/compare_with_transformers.py [--backend onnx] [--only NAME] [--models 20]

Named cases cover every field of the configuration that changes the arithmetic; `--models N` adds N random
combinations of them (seeded). For each, transformers writes the model directory, both sides run the same inputs,
and every tensor must agree to 1e-4 of its largest magnitude. Then the other way round: directories that
`./vit config --save` writes must load in transformers without a warning and give the same numbers.
Exit code 1 if anything differs.
Needs torch, transformers, safetensors and numpy.
"""

import argparse
import io
import logging as python_logging
import math
import os
import random
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from transformers import ViTConfig, ViTForImageClassification, ViTForMaskedImageModeling, ViTModel
from transformers.utils import logging

TOLERANCE = 1e-4
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLASSES = {
    "classification": ViTForImageClassification,
    "features": ViTModel,
    "masked": ViTForMaskedImageModeling,
}
SMALL = dict(
    hidden_size=48,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=96,
    image_size=32,
    patch_size=8,
    encoder_stride=8,
    initializer_range=0.2,
    attn_implementation="eager",
)
# No parameters of their own; prelu and xielu have some.
ACTIVATIONS = [
    "gelu", "gelu_10", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh", "gelu_python_tanh",
    "gelu_accurate", "hardswish", "laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2",
    "relu6", "sigmoid", "silu", "sqrtsoftplus", "swish", "tanh",
]  # fmt: skip


def case(name, task="classification", batch=2, size=None, mask=None, labels=None, dtype=None, **config):
    return dict(name=name, task=task, batch=batch, size=size, mask=mask, labels=labels, dtype=dtype, config=config)


def named_cases():
    yield case("defaults, classification", labels="classes", num_labels=7)
    yield case("defaults, features", task="features")
    yield case("defaults, masked", task="masked", mask="random")
    yield case("batch of one", batch=1)
    yield case("odd sizes", hidden_size=45, num_attention_heads=5, intermediate_size=77, num_labels=3)
    yield case("one head", num_attention_heads=1)
    yield case("no layers (transformers hands out no hidden states, so those are not compared)", num_hidden_layers=0)
    yield case("patch 14", image_size=56, patch_size=14, encoder_stride=16, task="masked")
    yield case("image no multiple of the patch", image_size=45, patch_size=14)
    yield case("no bias in q, k, v", qkv_bias=False)
    yield case("one channel", num_channels=1)
    yield case("one channel, masked", num_channels=1, task="masked", mask="random")
    yield case("rectangular image", image_size=[32, 48])
    yield case("rectangular patch", image_size=[32, 48], patch_size=[8, 4])
    yield case("epsilon 1e-6", layer_norm_eps=1e-6)
    yield case("epsilon 0.1", layer_norm_eps=0.1)
    yield case("encoder stride 4", task="masked", encoder_stride=4)
    yield case("no labels", num_labels=0)
    yield case("one label", num_labels=1, labels="values")
    yield case("many labels", num_labels=1000, labels="classes")
    yield case("regression", num_labels=3, problem_type="regression", labels="values")
    yield case("multi label", num_labels=4, problem_type="multi_label_classification", labels="truths")
    yield case("mask of nothing", task="masked", mask="none")
    yield case("mask of everything", task="masked", mask="all")
    yield case("pooler size and activation", task="features", pooler_output_size=20, pooler_act="relu")
    yield case("larger image", size=(48, 48))
    yield case("smaller image", size=(24, 24), task="features")
    yield case("wider image", size=(40, 64))
    yield case("square image of as many patches", size=(39, 39))
    yield case("larger image, masked", size=(64, 64), task="masked")
    yield case("float16 weights", dtype="float16")
    yield case("bfloat16 weights", dtype="bfloat16", task="features")
    for activation in ACTIVATIONS:
        yield case("hidden_act " + activation, hidden_act=activation)


def random_cases(count, seed):
    rng = random.Random(seed)
    for index in range(count):
        heads = rng.randint(1, 6)
        patch = rng.choice([2, 3, 7, 8, 14])
        rows = rng.randint(1, 5)
        task = rng.choice(list(CLASSES))
        yield case(
            f"random {index}",
            task=task,
            batch=rng.randint(1, 4),
            mask="random" if task == "masked" else None,
            labels="classes" if task == "classification" else None,
            hidden_size=heads * rng.randint(1, 24),
            num_attention_heads=heads,
            num_hidden_layers=rng.randint(1, 4),
            intermediate_size=rng.randint(1, 150),
            image_size=patch * rows + rng.randint(0, patch - 1) * (task != "masked"),
            patch_size=patch,
            encoder_stride=patch,
            num_channels=rng.randint(1, 4),
            qkv_bias=rng.random() < 0.5,
            hidden_act=rng.choice(ACTIVATIONS),
            layer_norm_eps=10 ** rng.uniform(-12, -2),
            num_labels=rng.randint(2, 20),
            pooler_output_size=rng.randint(1, 40),
        )


def make_inputs(spec, config):
    image = config.image_size if isinstance(config.image_size, (list, tuple)) else (config.image_size,) * 2
    patch = config.patch_size if isinstance(config.patch_size, (list, tuple)) else (config.patch_size,) * 2
    height, width = spec["size"] or image
    inputs = {"pixel_values": torch.randn(spec["batch"], config.num_channels, height, width)}
    patches = (height // patch[0]) * (width // patch[1])
    if spec["mask"]:
        share = {"none": 0.0, "all": 1.0, "random": 0.5}[spec["mask"]]
        inputs["bool_masked_pos"] = torch.rand(spec["batch"], patches) < share
    if spec["labels"] == "classes":
        inputs["labels"] = torch.randint(config.num_labels, (spec["batch"],))
    elif spec["labels"] == "values":
        inputs["labels"] = torch.randn(spec["batch"], config.num_labels)
    elif spec["labels"] == "truths":
        inputs["labels"] = (torch.rand(spec["batch"], config.num_labels) < 0.5).float()
    return inputs


def expected_outputs(model, inputs, interpolate):
    with torch.no_grad():
        output = model(
            **inputs, output_hidden_states=True, output_attentions=True, interpolate_pos_encoding=interpolate
        )
    tensors = {}
    for name, value in output.items():
        if isinstance(value, tuple):
            tensors.update({f"{name}.{i}": tensor.numpy() for i, tensor in enumerate(value)})
        elif value is not None:
            tensors[name] = value.numpy()
    return tensors


def worst_error(expected, actual):
    """Returns (relative error, tensor name) of the worst tensor; missing and surplus tensors count as infinite."""
    worst = (0.0, "")
    for name in sorted(expected.keys() | actual.keys()):
        if name not in expected or name not in actual or expected[name].shape != actual[name].shape:
            return math.inf, name
        if expected[name].size:
            scale = max(np.abs(expected[name]).max(), np.finfo(np.float32).tiny)
            error = float(np.abs(expected[name].astype(np.float64) - actual[name]).max() / scale)
            worst = max(worst, (math.inf if math.isnan(error) else error, name))
    return worst


def run_vit(spec, folder, options, inputs, interpolate):
    """Returns (the tensors that `./vit run` computes, None), or (None, what it said instead)."""
    source, result = os.path.join(folder, "in.safetensors"), os.path.join(folder, "out.safetensors")
    save_file({name: tensor.numpy() for name, tensor in inputs.items()}, source)
    command = [
        os.path.join(ROOT, "vit"), "run", "--model", folder, "--task", spec["task"], "--inputs", source,
        "--outputs", result, "--output-hidden-states", "--output-attentions",
    ]  # fmt: skip
    command += ["--interpolate-pos-encoding"] if interpolate else []
    command += ["--backend", options.backend] if options.backend else []
    finished = subprocess.run(command, capture_output=True, text=True)
    return (load_file(result), None) if finished.returncode == 0 else (None, finished.stderr.strip())


def run_saved_case(task, folder, options):
    """A directory written by ViT4J, loaded by transformers."""
    spec = case("saved by ViT4J, " + task, task=task, mask="random" if task == "masked" else None)
    names = ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "image_size"]
    names += ["patch_size", "encoder_stride", "initializer_range"]
    command = [os.path.join(ROOT, "vit"), "config", "--architecture", CLASSES[task].__name__, "--seed", "7"]
    for name in names:
        command += ["--" + name.replace("_", "-"), str(SMALL[name])]
    finished = subprocess.run(command + ["--save", folder, "--force"], capture_output=True, text=True)
    if finished.returncode != 0:
        return math.inf, finished.stderr.strip()
    said = io.StringIO()
    handler = python_logging.StreamHandler(said)
    logging.set_verbosity_warning()
    logging.add_handler(handler)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model, info = CLASSES[task].from_pretrained(folder, output_loading_info=True, attn_implementation="eager")
    logging.remove_handler(handler)
    logging.set_verbosity_error()
    complaints = [str(w.message) for w in caught] + [said.getvalue()] + [f"{k}: {v}" for k, v in info.items() if v]
    if any(complaints):
        return math.inf, "; ".join(filter(None, complaints))
    inputs = make_inputs(spec, model.config)
    actual, complaint = run_vit(spec, folder, options, inputs, False)
    return (math.inf, complaint) if actual is None else worst_error(expected_outputs(model.eval(), inputs, False), actual)


def run_case(spec, folder, options):
    torch.manual_seed(sum(map(ord, spec["name"])))
    config = ViTConfig(**{**SMALL, **spec["config"]})
    model = CLASSES[spec["task"]](config).eval()
    for parameter in model.parameters():  # biases and the mask token start at zero, which would hide mistakes
        parameter.data += torch.randn_like(parameter) * 0.1
    if spec["dtype"]:
        model.to(getattr(torch, spec["dtype"])).save_pretrained(folder)
        model = model.float()
    else:
        model.save_pretrained(folder)
    inputs = make_inputs(spec, config)
    interpolate = spec["size"] is not None
    actual, complaint = run_vit(spec, folder, options, inputs, interpolate)
    if actual is None:
        return math.inf, complaint
    expected = expected_outputs(model, inputs, interpolate)
    if config.num_hidden_layers == 0:
        actual = {name: tensor for name, tensor in actual.items() if not name.startswith("hidden_states")}
    return worst_error(expected, actual)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend")
    parser.add_argument("--only", help="run the cases whose name contains this")
    parser.add_argument("--models", type=int, default=20, help="random combinations to add")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    passed = failed = 0
    overall = 0.0
    runs = [(spec["name"], run_case, spec) for spec in [*named_cases(), *random_cases(options.models, options.seed)]]
    runs += [("saved by ViT4J, " + task, run_saved_case, task) for task in CLASSES]
    for name, run, argument in runs:
        if options.only and options.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            error, where = run(argument, folder, options)
        good = error <= TOLERANCE
        passed, failed = passed + good, failed + (not good)
        overall = max(overall, error)
        print(f"{'ok  ' if good else 'FAIL'} {error:9.2e}  {name}{'' if good else ': ' + where}", flush=True)
    print(f"largest error {overall:.2e} of a tensor's magnitude, tolerance {TOLERANCE:.0e}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
