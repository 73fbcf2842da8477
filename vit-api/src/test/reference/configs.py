"""Writes what Python prints for configurations and floats, for the tests of package config.

Run from the repository root: python vit-api/src/test/reference/configs.py
Needs transformers (5.x).
"""

import json
import pathlib
import random
import struct

from transformers import ViTConfig

OUT = pathlib.Path(__file__).parents[1] / "resources/io/github/vit4j/config"
OUT.mkdir(parents=True, exist_ok=True)
random.seed(0)

# As config.json files of transformers 4 and 5 look, and a few that nobody wrote yet.
inputs = {
    "empty": {},
    "defaults written by version 5": ViTConfig().to_dict(),
    "defaults written by version 4": {
        "_name_or_path": "google/vit-base-patch16-224-in21k",
        "architectures": ["ViTModel"],
        "attention_probs_dropout_prob": 0.0,
        "encoder_stride": 16,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "hidden_size": 768,
        "image_size": 224,
        "initializer_range": 0.02,
        "intermediate_size": 3072,
        "layer_norm_eps": 1e-12,
        "model_type": "vit",
        "num_attention_heads": 12,
        "num_channels": 3,
        "num_hidden_layers": 12,
        "patch_size": 16,
        "qkv_bias": True,
        "torch_dtype": "float32",
        "transformers_version": "4.57.6",
    },
    "fine-tune": {
        "model_type": "vit",
        "architectures": ["ViTForImageClassification"],
        "id2label": {"0": "angular_leaf_spot", "1": "bean_rust", "2": "healthy"},
        "label2id": {"angular_leaf_spot": 0, "bean_rust": 1, "healthy": 2},
        "problem_type": "single_label_classification",
        "torch_dtype": "float32",
        "transformers_version": "4.9.0.dev0",
    },
    "twelve labels sort as text or as numbers": {
        "model_type": "vit",
        "id2label": {str(i): f"label {i}" for i in range(12)},
        "label2id": {f"label {i}": i for i in range(12)},
    },
    "labels of several languages": {
        "model_type": "vit",
        "id2label": {"0": "Katze", "1": "\u732b \U0001f408", "2": "quote \" backslash \\ tab \t del \x7f"},
        "label2id": {"Katze": 0, "\u732b \U0001f408": 1, "quote \" backslash \\ tab \t del \x7f": 2},
    },
    "repeated labels": {
        "model_type": "vit",
        "id2label": {"0": "crane", "1": "crane", "2": "maillot"},
        "label2id": {"crane": 1, "maillot": 2},
    },
    "one label": {"model_type": "vit", "num_labels": 1, "problem_type": "regression"},
    "five labels by count": {"model_type": "vit", "num_labels": 5, "problem_type": "multi_label_classification"},
    "no labels": {"model_type": "vit", "num_labels": 0},
    "large": {
        "model_type": "vit",
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
        "image_size": 384,
        "patch_size": 32,
        "pooler_output_size": 512,
        "pooler_act": "relu",
    },
    "sizes in lists": {"model_type": "vit", "image_size": [64, 96], "patch_size": [16, 8], "num_channels": 1},
    "floats": {
        "model_type": "vit",
        "layer_norm_eps": 1e-6,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 1e-05,
        "initializer_range": 0.0001,
        "qkv_bias": False,
    },
    "half precision": {"model_type": "vit", "dtype": "bfloat16", "hidden_act": "quick_gelu"},
    "unknown fields": {
        "model_type": "vit",
        "zebra": {"b": [1, 2.5, None, True, {"x": []}], "a": {}},
        "num_register_tokens": 4,
        "a_number": 1e22,
        "text": "caf\u00e9",
    },
    "output switches": {"model_type": "vit", "output_hidden_states": True, "chunk_size_feed_forward": 2},
}
cases = []
for name, fields in inputs.items():
    text = json.dumps(fields)
    cases.append({"name": name, "json": text, "printed": str(ViTConfig.from_dict(json.loads(text)))})
(OUT / "configs.json").write_text(json.dumps(cases, indent=1) + "\n")

floats = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-4, 1e-5, 9.999e-5, 1e15, 1e16, 123456789012345680.0, 9999999999999998.0]
floats += [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e22, 1e23, 2e-323, 0.3, 2 / 3, 1e100]
floats += [struct.unpack("<d", random.randbytes(8))[0] for _ in range(200)]
floats += [random.uniform(-1, 1) * 10 ** random.randint(-8, 20) for _ in range(200)]
floats = [value for value in floats if value == value]
lines = [f"{struct.unpack('<Q', struct.pack('<d', value))[0]:016x} {value!r}" for value in floats]
(OUT / "floats.txt").write_text("\n".join(lines) + "\n")
