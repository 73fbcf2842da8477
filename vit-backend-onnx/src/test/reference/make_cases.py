"""Writes small random Vision Transformers with what transformers computes from them.

    python make_cases.py ../resources/cases

Every case is a directory with
  config.json         as save_pretrained writes it
  model.safetensors   as save_pretrained writes it (its dtype, its parameter names)
  runs.safetensors    inputs and expected outputs; its metadata maps each run's name to JSON:
                      {"interpolate_pos_encoding": bool, "outputs": [...]}
                      tensors are RUN/pixel_values, RUN/bool_masked_pos (optional), and the outputs
                      RUN/logits, RUN/last_hidden_state, RUN/pooler_output, RUN/reconstruction,
                      RUN/hidden_states.N, RUN/attentions.N

Written with transformers 5.18.0 and torch 2.13.0 on a CPU, float32 arithmetic whatever the dtype
of the stored weights. Weights are drawn wide (initializer_range 0.2 or more), so that a wrong
operator shows far above the tolerance.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    ViTConfig,
    ViTForImageClassification,
    ViTForMaskedImageModeling,
    ViTModel,
)

ACTIVATIONS = [
    "gelu_10", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh", "gelu_python_tanh",
    "gelu_accurate", "hardswish", "laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu",
    "relu2", "relu6", "sigmoid", "silu", "sqrtsoftplus", "swish", "tanh",
]  # fmt: skip

SMALL = dict(
    hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
    image_size=8, patch_size=4, initializer_range=0.2,
)  # fmt: skip

ALL_MODEL = ["last_hidden_state", "pooler_output", "hidden_states", "attentions"]
ALL_CLASSIFIER = ["logits", "last_hidden_state", "hidden_states", "attentions"]
ALL_MASKED = ["reconstruction", "last_hidden_state", "hidden_states", "attentions"]


def randomise(model, scale):
    """Zero biases, unit norms and a zero mask token would hide mistakes."""
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.data = torch.randn_like(parameter) * scale
        elif "norm" in name:
            parameter.data = 1 + torch.randn_like(parameter) * scale
        elif "token" in name or "position" in name:
            parameter.data = torch.randn_like(parameter)


class Case:
    """One model and what it is run on."""

    def __init__(self, root, name, kind, seed, dtype=torch.float32, pooler=True, mask_token=False, **fields):
        torch.manual_seed(seed)
        self.directory = root / name
        config = ViTConfig(**{**SMALL, **fields})
        if kind is ViTModel:
            model = ViTModel(config, add_pooling_layer=pooler, use_mask_token=mask_token)
        else:
            model = kind(config)
        randomise(model, config.initializer_range)
        self.model = model.to(dtype).eval()
        self.model.save_pretrained(self.directory)
        self.model = self.model.float()
        self.model.set_attn_implementation("eager")
        self.config = config
        self.tensors = {}
        self.runs = {}

    def size(self, value):
        return tuple(value) if isinstance(value, (list, tuple)) else (value, value)

    def run(self, name, outputs, images=1, image_size=None, mask=None):
        height, width = self.size(image_size or self.config.image_size)
        pixels = torch.randn(images, self.config.num_channels, height, width)
        arguments = {}
        if mask is not None:
            patch_height, patch_width = self.size(self.config.patch_size)
            patches = (height // patch_height) * (width // patch_width)
            masked = {
                "none": torch.zeros(images, patches, dtype=torch.bool),
                "all": torch.ones(images, patches, dtype=torch.bool),
                "random": torch.rand(images, patches) < 0.5,
            }[mask]
            arguments["bool_masked_pos"] = masked
            self.tensors[f"{name}/bool_masked_pos"] = masked
        if image_size is not None:
            arguments["interpolate_pos_encoding"] = True
        base = self.model if isinstance(self.model, ViTModel) else self.model.vit
        with torch.no_grad():
            result = self.model(pixels, output_hidden_states=True, output_attentions=True, **arguments)
            if "bool_masked_pos" in arguments and not base.embeddings.mask_token is not None:
                raise AssertionError("a mask without a mask token")
            inner = base(pixels, **arguments)
        computed = {
            "logits": getattr(result, "logits", None),
            "reconstruction": getattr(result, "reconstruction", None),
            "last_hidden_state": inner.last_hidden_state,
            "pooler_output": inner.pooler_output,
        }
        self.tensors[f"{name}/pixel_values"] = pixels
        for output in outputs:
            if output in ("hidden_states", "attentions"):
                for i, tensor in enumerate(result[output]):
                    self.tensors[f"{name}/{output}.{i}"] = tensor
            else:
                self.tensors[f"{name}/{output}"] = computed[output]
        self.runs[name] = json.dumps({"interpolate_pos_encoding": image_size is not None, "outputs": outputs})
        return self

    def save(self):
        tensors = {name: tensor.contiguous().clone() for name, tensor in self.tensors.items()}
        save_file(tensors, self.directory / "runs.safetensors", metadata=self.runs)


def main(root):
    seed = 0

    def case(name, kind, **fields):
        nonlocal seed
        seed += 1
        return Case(root, name, kind, seed, **fields)

    Model, Classifier, Masked = ViTModel, ViTForImageClassification, ViTForMaskedImageModeling

    c = case("classifier", Classifier, num_labels=5)
    c.run("all", ALL_CLASSIFIER, images=3).run("one", ["logits"]).run("three", ["logits"], images=3)
    c.run("hidden_states", ["hidden_states"]).run("attentions", ["attentions", "logits"])
    c.run("last_hidden_state", ["last_hidden_state"]).run("larger", ["logits"], image_size=(16, 16))
    c.run("rectangular", ALL_CLASSIFIER, image_size=(20, 12), images=2)
    c.run("partial_patches", ["logits"], image_size=(11, 11)).save()

    c = case("model_with_pooler", Model, pooler_output_size=7, pooler_act="relu")
    c.run("all", ALL_MODEL, images=3).run("pooler", ["pooler_output"], images=3)
    c.run("last", ["last_hidden_state"]).run("both", ["last_hidden_state", "pooler_output"]).save()

    c = case("model_without_pooler", Model, pooler=False, image_size=16, patch_size=4)
    c.run("all", ["last_hidden_state", "hidden_states", "attentions"])
    c.run("smaller", ["last_hidden_state"], image_size=(8, 8))
    c.run("larger", ["last_hidden_state"], image_size=(36, 36))
    c.run("wide", ["last_hidden_state"], image_size=(4, 28))
    c.run("tall", ["last_hidden_state"], image_size=(29, 9)).save()

    c = case("model_with_mask_token", Model, mask_token=True)
    c.run("none", ALL_MODEL, mask="none", images=2).run("all", ["last_hidden_state"], mask="all")
    c.run("random", ALL_MODEL, mask="random", images=3)
    c.run("larger", ["last_hidden_state", "pooler_output"], mask="random", image_size=(12, 16), images=2).save()

    c = case("masked", Masked, encoder_stride=4)
    c.run("all", ALL_MASKED, mask="random", images=3).run("without_mask", ["reconstruction"], images=2)
    c.run("masked_everywhere", ["reconstruction"], mask="all")
    c.run("larger", ["reconstruction"], image_size=(16, 16), images=2)
    c.run("square_number_of_patches", ["reconstruction"], image_size=(4, 16)).save()

    case("masked_other_stride", Masked, encoder_stride=3, num_channels=1).run("plain", ALL_MASKED, images=2).save()
    case("patch_14_stride_16", Masked, patch_size=14, image_size=28, encoder_stride=16, num_channels=1).run(
        "plain", ["reconstruction"]).save()  # fmt: skip
    c = case("patch_14_stride_14", Masked, patch_size=14, image_size=28, encoder_stride=14, num_channels=1)
    c.run("masked", ["reconstruction"], mask="random").save()

    case("no_qkv_bias", Classifier, qkv_bias=False).run("all", ALL_CLASSIFIER, images=2).run("logits", ["logits"]).save()
    case("one_channel", Classifier, num_channels=1).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    case("five_channels", Model, num_channels=5).run("all", ALL_MODEL).save()
    c = case("no_labels", Classifier, num_labels=0)
    c.run("logits", ["logits"], images=3).run("all", ALL_CLASSIFIER).save()
    case("one_label", Classifier, num_labels=1).run("logits", ["logits"], images=3).run("all", ALL_CLASSIFIER).save()
    case("many_labels", Classifier, num_labels=301).run("logits", ["logits"], images=2).save()
    c = case("rectangular_image", Classifier, image_size=[8, 20])
    c.run("all", ALL_CLASSIFIER, images=2).run("logits", ["logits"], images=3).save()
    c = case("rectangular_patch", Classifier, image_size=[8, 18], patch_size=[4, 3])
    c.run("all", ALL_CLASSIFIER, images=2).run("logits", ["logits"], images=3).save()
    case("partial_patch", Classifier, image_size=[11, 9]).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    case("one_patch", Classifier, image_size=4).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    case("one_head", Classifier, num_attention_heads=1).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    case("heads_of_one", Classifier, num_attention_heads=12).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    c = case("odd_sizes", Classifier, hidden_size=35, num_attention_heads=5, intermediate_size=17, num_hidden_layers=3,
             image_size=15, patch_size=5, num_labels=3)  # fmt: skip
    c.run("all", ALL_CLASSIFIER).run("logits", ["logits"], images=3).run("larger", ["logits"], image_size=(25, 25)).save()
    case("wider", Classifier, hidden_size=32, num_attention_heads=2, intermediate_size=64).run(
        "all", ALL_CLASSIFIER).run("logits", ["logits"], images=3).save()  # fmt: skip
    case("one_layer", Classifier, num_hidden_layers=1).run("logits", ["logits"], images=3).run("all", ALL_CLASSIFIER).save()
    c = case("no_layers", Classifier, num_hidden_layers=0)
    c.run("logits", ["logits"], images=3).run("all", ["logits", "last_hidden_state"]).save()
    case("eps_1e_6", Classifier, layer_norm_eps=1e-6).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    case("eps_large", Classifier, layer_norm_eps=0.5).run("all", ALL_CLASSIFIER).run("logits", ["logits"]).save()
    case("float16", Classifier, dtype=torch.float16).run("all", ALL_CLASSIFIER, images=2).run("logits", ["logits"]).save()
    case("bfloat16", Masked, dtype=torch.bfloat16, encoder_stride=4).run("all", ALL_MASKED, mask="random").save()
    case("float64", Model, dtype=torch.float64).run("all", ALL_MODEL).save()

    for activation in ACTIVATIONS:
        case(f"activation_{activation}", Model, hidden_act=activation, pooler_act=activation, initializer_range=0.6,
             num_hidden_layers=1, hidden_size=16, num_attention_heads=2, intermediate_size=48).run(
            "all", ["last_hidden_state", "pooler_output", "hidden_states"], images=2).save()  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
