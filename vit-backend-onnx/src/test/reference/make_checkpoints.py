"""Writes a small model directory for each kind of checkpoint that people use, with the outputs of transformers.

Run from the repository root: python vit-backend-onnx/src/test/reference/make_checkpoints.py
Needs torch, transformers (5.x), safetensors, Pillow, and timm with torchvision for its own rows.

The weights are random and the widths small; names, dtypes, containers, configurations and the
settings of the processor are those of the checkpoint that the directory is called after. Beside
each model lies expected.safetensors: pixel_values as the processor makes them of image.png, and what
the model makes of them.
"""

import collections
import json
import pathlib
import shutil

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoImageProcessor, ViTConfig, ViTForImageClassification, ViTModel

ROOT = pathlib.Path(__file__).parents[1]
OUT = ROOT / "resources/io/github/vit4j/backend/onnx/checkpoints"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir(parents=True)

HEIGHT, WIDTH = 45, 71  # odd, so that a crop has no exact middle
noise = np.random.default_rng(1).integers(0, 256, (9, 13, 3), dtype=np.uint8)
image = Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
image.save(OUT / "image.png")

# As model cards of transformers 4 have it; the widths are what is small.
BASE = {
    "attention_probs_dropout_prob": 0.0,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "hidden_size": 16,
    "image_size": 24,
    "initializer_range": 0.02,
    "intermediate_size": 32,
    "layer_norm_eps": 1e-12,
    "model_type": "vit",
    "num_attention_heads": 2,
    "num_channels": 3,
    "num_hidden_layers": 2,
    "patch_size": 8,
    "qkv_bias": True,
    "transformers_version": "4.13.0.dev0",
}
OLD_PROCESSOR = {
    "do_normalize": True,
    "do_resize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "resample": 2,
    "size": 24,
}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}


def labels(*names):
    return {
        "id2label": {str(i): name for i, name in enumerate(names)},
        "label2id": {name: i for i, name in enumerate(names)},
    }


def numbered(count):
    return labels(*(f"LABEL_{i}" for i in range(count)))


def build(fields, head, pooler=False):
    """A model with weights that are large enough to matter."""
    torch.manual_seed(7)
    config = ViTConfig.from_dict({k: v for k, v in fields.items() if k != "architectures"})
    model = ViTForImageClassification(config) if head else ViTModel(config, add_pooling_layer=pooler)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            spread = 0.2 if parameter.dim() > 1 else 0.1
            centre = 1.0 if "layernorm" in name and name.endswith("weight") else 0.0
            parameter.normal_(centre, spread)
    return model.eval()


def version4_names(model):
    """What save_pretrained writes: the names that all versions on the hub have."""
    directory = OUT / "saved"
    model.save_pretrained(directory)
    from safetensors.torch import load_file

    state = load_file(directory / "model.safetensors")
    shutil.rmtree(directory)
    return collections.OrderedDict(state)


def write(path, state, form):
    if form == "safetensors":
        save_file(state, path / "model.safetensors", {"format": "pt"})
    elif form == "zip":
        torch.save(state, path / "pytorch_model.bin")
    elif form == "legacy":
        torch.save(state, path / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    else:
        names = sorted(state)
        weight_map = {}
        for shard in range(2):
            part = {name: state[name] for name in names[shard::2]}
            file = f"{'model' if form == 'safetensors shards' else 'pytorch_model'}-0000{shard + 1}-of-00002"
            if form == "safetensors shards":
                file += ".safetensors"
                save_file(part, path / file, {"format": "pt"})
            else:
                file += ".bin"
                torch.save(part, path / file)
            weight_map.update({name: file for name in part})
        index = "model.safetensors" if form == "safetensors shards" else "pytorch_model.bin"
        content = {"metadata": {"total_size": 0}, "weight_map": weight_map}
        (path / f"{index}.index.json").write_text(json.dumps(content, indent=2))


def expect(path, pixel_values, outputs, architecture, **metadata):
    outputs = {name: value.detach().float().contiguous() for name, value in outputs.items()}
    outputs["pixel_values"] = pixel_values.contiguous()
    save_file(outputs, path / "expected.safetensors", {"architecture": architecture, **metadata})


def row(
    name,
    fields,
    processor,
    form="safetensors",
    head=True,
    pooler=False,
    rename=lambda key: key,
    dtype=torch.float32,
    processor_file="preprocessor_config.json",
    read_back=True,
    bigger=None,
):
    path = OUT / name
    path.mkdir()
    model = build({**BASE, **fields}, head, pooler)
    state = collections.OrderedDict((rename(k), v.to(dtype)) for k, v in version4_names(model).items())
    write(path, state, form)
    (path / "config.json").write_text(json.dumps({**BASE, **fields}, indent=2))
    (path / processor_file).write_text(json.dumps(processor, indent=2))
    pixel_values = AutoImageProcessor.from_pretrained(path, backend="pil")(image, return_tensors="pt")["pixel_values"]
    model.load_state_dict({k: v.to(dtype).float() for k, v in model.state_dict().items()})
    if read_back:
        # What transformers makes of the directory itself is what counts.
        kind = ViTForImageClassification if head else ViTModel
        arguments = {} if head else {"add_pooling_layer": pooler}
        loaded, report = kind.from_pretrained(path, dtype=torch.float32, output_loading_info=True, **arguments)
        assert not report["missing_keys"] and not report["mismatched_keys"], report
        for key, value in loaded.state_dict().items():
            assert torch.equal(value, model.state_dict()[key]), (name, key)
        model = loaded.eval()
    outputs = {}
    with torch.no_grad():
        result = model(pixel_values)
        if head:
            outputs["logits"] = result.logits
        else:
            outputs["last_hidden_state"] = result.last_hidden_state
            if pooler:
                outputs["pooler_output"] = result.pooler_output
        if bigger:
            larger = torch.rand(1, 3, bigger, bigger, generator=torch.Generator().manual_seed(3)) * 2 - 1
            outputs["larger_pixel_values"] = larger
            outputs["larger_last_hidden_state"] = model(larger, interpolate_pos_encoding=True).last_hidden_state
    expect(path, pixel_values, outputs, type(model).__name__)


def with_gamma_and_beta(key):
    """As transformers named them before 2022."""
    for part in "layernorm", "layernorm_before", "layernorm_after":
        key = key.replace(f"{part}.weight", f"{part}.gamma").replace(f"{part}.bias", f"{part}.beta")
    return key


row(
    "google--vit-base-patch16-224-in21k",
    {"architectures": ["ViTModel"], "_name_or_path": "google/vit-base-patch16-224-in21k"},
    OLD_PROCESSOR,
    form="zip",
    head=False,
    pooler=True,
)
row("google--vit-base-patch32-224-in21k", {"architectures": ["ViTModel"], "patch_size": 12}, OLD_PROCESSOR, form="legacy", head=False, pooler=True)
row("google--vit-base-patch16-224", {"architectures": ["ViTForImageClassification"], **numbered(10)}, OLD_PROCESSOR)
row(
    "google--vit-large-patch16-224",
    {"architectures": ["ViTForImageClassification"], "num_hidden_layers": 3, **numbered(10)},
    {**OLD_PROCESSOR, "feature_extractor_type": "ViTFeatureExtractor"},
    form="legacy",
)
row(
    "google--vit-large-patch32-384",
    {"architectures": ["ViTForImageClassification"], "image_size": 48, "patch_size": 16, **numbered(10)},
    {**OLD_PROCESSOR, "feature_extractor_type": "ViTFeatureExtractor", "size": 48},
    form="shards",
)
row(
    "google--vit-huge-patch14-224-in21k",
    {"architectures": ["ViTModel"], "hidden_size": 20, "num_attention_heads": 4, "image_size": 28, "patch_size": 7, "encoder_stride": 16},
    {**OLD_PROCESSOR, "size": 28},
    form="shards",
    head=False,
    pooler=True,
)
row(
    "facebook--deit-base-patch16-224",
    {"architectures": ["ViTForImageClassification"], **labels(*(f"class {i}" for i in range(1000)))},
    {
        "crop_size": 24,
        "do_center_crop": True,
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "DeiTFeatureExtractor",
        **IMAGENET,
        "resample": 3,
        "size": 29,
    },
    form="zip",
)
for name, patch in ("facebook--dino-vits16", 8), ("facebook--dino-vits8", 4):
    row(
        name,
        {"architectures": ["ViTModel"], "patch_size": patch},
        {**OLD_PROCESSOR, **IMAGENET, "feature_extractor_type": "ViTFeatureExtractor"},
        form="zip",
        head=False,
        bigger=32,
    )
row(
    "nateraw--vit-base-beans",
    {
        "architectures": ["ViTForImageClassification"],
        "id2label": {"0": "angular_leaf_spot", "1": "bean_rust", "2": "healthy"},
        "label2id": {"angular_leaf_spot": "0", "bean_rust": "1", "healthy": "2"},
        "problem_type": "single_label_classification",
        "torch_dtype": "float32",
    },
    {
        **OLD_PROCESSOR,
        "do_rescale": True,
        "image_processor_type": "ViTImageProcessor",
        "rescale_factor": 0.00392156862745098,
        "size": {"height": 24, "width": 24},
    },
)
row(
    "Falconsai--nsfw_image_detection",
    {"architectures": ["ViTForImageClassification"], "torch_dtype": "float32", **labels("normal", "nsfw")},
    {**OLD_PROCESSOR, "image_processor_type": "ViTImageProcessor", "do_rescale": True, "size": {"height": 24, "width": 24}},
    form="safetensors shards",
)
row(
    "names-of-before-2022",
    {"architectures": ["ViTForImageClassification"], **numbered(4)},
    OLD_PROCESSOR,
    form="legacy",
    rename=with_gamma_and_beta,
    read_back=False,
)
row(
    "processor-nested-by-transformers-5",
    {"architectures": ["ViTForImageClassification"], "dtype": "float32", "transformers_version": "5.18.0", **numbered(4)},
    {"image_processor": {**OLD_PROCESSOR, "image_processor_type": "ViTImageProcessor", "size": {"height": 24, "width": 24}, "resample": 3}, "processor_class": "Any"},
    processor_file="processor_config.json",
)
for name, dtype in ("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64):
    row(name, {"architectures": ["ViTForImageClassification"], "torch_dtype": str(dtype)[6:], **numbered(4)}, OLD_PROCESSOR, form="zip", dtype=dtype)


# Views, strides, offsets and shared storages: one blob that all weights lie in, matrices transposed.
def views():
    path = OUT / "views-of-one-storage"
    path.mkdir()
    fields = {**BASE, "architectures": ["ViTForImageClassification"], **numbered(4)}
    model = build(fields, True)
    state = version4_names(model)
    blob = torch.zeros(sum(v.numel() for v in state.values()) + 5)
    at, viewed = 5, collections.OrderedDict()
    for name, value in state.items():
        part = blob[at : at + value.numel()]
        at += value.numel()
        if value.dim() == 2:
            part = part.view(value.shape[1], value.shape[0])
            part.copy_(value.t())
            viewed[name] = part.t()
        else:
            viewed[name] = part.view(value.shape)
            viewed[name].copy_(value)
    write(path, viewed, "zip")
    (path / "config.json").write_text(json.dumps(fields, indent=2))
    (path / "preprocessor_config.json").write_text(json.dumps(OLD_PROCESSOR, indent=2))
    pixel_values = AutoImageProcessor.from_pretrained(path, backend="pil")(image, return_tensors="pt")["pixel_values"]
    loaded = ViTForImageClassification.from_pretrained(path, dtype=torch.float32).eval()
    with torch.no_grad():
        expect(path, pixel_values, {"logits": loaded(pixel_values).logits}, "ViTForImageClassification")


views()

# --- timm: its own models, files and transforms.

import timm  # noqa: E402
from timm.models import save_for_hf  # noqa: E402
from transformers import AutoModel, AutoModelForImageClassification  # noqa: E402


def timm_row(name, architecture, num_classes, form="safetensors", wrapped=False, config=None, cfg=None, **arguments):
    torch.manual_seed(5)
    arguments = {"embed_dim": 16, "depth": 2, "num_heads": 2, **arguments}
    model = timm.create_model(architecture, num_classes=num_classes, pretrained_cfg_overlay=cfg, **arguments).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            centre = 1.0 if "norm" in key and key.endswith("weight") else 0.0
            parameter.normal_(centre, 0.2 if parameter.dim() > 1 else 0.1)
    path = OUT / name
    save_for_hf(model, path, model_config=dict(config or {}), model_args=arguments, safe_serialization=True)
    (path / "pytorch_model.bin").unlink(missing_ok=True)
    # What transformers reads, through timm.
    kind = AutoModelForImageClassification if num_classes else AutoModel
    loaded = kind.from_pretrained(path, dtype=torch.float32).eval()
    processor = AutoImageProcessor.from_pretrained(path)
    pixel_values = processor(image)["pixel_values"]
    with torch.no_grad():
        ours = model(pixel_values)
        if model.num_classes:
            assert torch.equal(loaded(pixel_values).logits, ours)
            expect(path, pixel_values, {"logits": ours}, "ViTForImageClassification")
        else:
            features = model.forward_features(pixel_values)
            assert torch.equal(loaded(pixel_values).last_hidden_state, features)
            expect(path, pixel_values, {"last_hidden_state": features}, "ViTModel")
    state = loaded.state_dict() if wrapped else model.state_dict()
    if wrapped:
        (path / "model.safetensors").unlink()
        loaded.save_pretrained(path)
    elif form != "safetensors":
        (path / "model.safetensors").unlink()
        write(path, state, form)


timm_row(
    "timm--vit_base_patch16_224.augreg2_in21k_ft_in1k",
    "vit_base_patch16_224",
    img_size=24,
    patch_size=8,
    num_classes=5,
    cfg={"input_size": (3, 24, 24)},
    config={"label_names": ["a", "b", "c", "d", "e"]},
)
timm_row(
    "timm--deit_tiny_patch16_224.fb_in1k",
    "deit_tiny_patch16_224",
    form="zip",
    img_size=24,
    patch_size=8,
    num_classes=7,
    cfg={"input_size": (3, 24, 24)},
)
timm_row(
    "timm--vit_small_patch8_224.dino",
    "vit_small_patch8_224",
    form="legacy",
    img_size=24,
    num_classes=0,
    cfg={"input_size": (3, 24, 24), "crop_pct": 1.0, "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)},
)
timm_row(
    "timm--vit_tiny_patch16_384-saved-by-transformers",
    "vit_tiny_patch16_384",
    wrapped=True,
    img_size=32,
    num_classes=3,
    cfg={"input_size": (3, 32, 32), "crop_pct": 0.95, "crop_mode": "squash", "interpolation": "bilinear"},
    config={"label_names": ["x", "y", "z"]},
)

# What the names of timm's variants look like, one layer of each.
VARIANTS = {
    "layer scale": ("vit_base_patch16_224", {"init_values": 1e-5}),
    "average of all patches": ("vit_base_patch16_224", {"global_pool": "avg"}),
    "register tokens": ("vit_base_patch16_224", {"reg_tokens": 4}),
    "without a class token": ("vit_base_patch16_224", {"class_token": False, "global_pool": "avg", "fc_norm": False}),
    "before the first layer": ("vit_base_patch16_224", {"pre_norm": True}),
    "normalised queries and keys": ("vit_base_patch16_224", {"qk_norm": True}),
    "attention pooling": ("vit_base_patch16_siglip_224", {}),
    "relative positions": ("vit_relpos_base_patch16_224", {"class_token": True}),
    "distilled DeiT": ("deit_base_distilled_patch16_224", {}),
    "before the classifier": ("vit_base_patch16_224", {"representation": True}),
}
with open(ROOT.parents[2] / "vit-api/src/test/resources/io/github/vit4j/weights/timm-variants.tsv", "w") as file:
    for description, (architecture, arguments) in VARIANTS.items():
        representation = arguments.pop("representation", False)
        small = {"embed_dim": 16, "depth": 1, "num_heads": 2, "num_classes": 3, **arguments}
        names = list(timm.create_model(architecture, **small).state_dict())
        if representation:  # of files of before 2022
            names += ["pre_logits.fc.weight", "pre_logits.fc.bias"]
        file.write(description + "\t" + "\t".join(names) + "\n")

# A distilled DeiT of HuggingFace.
from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher  # noqa: E402

distilled = DeiTForImageClassificationWithTeacher(
    DeiTConfig(hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4, image_size=8, patch_size=8)
)
distilled.save_pretrained(OUT / "facebook--deit-base-distilled-patch16-224")

# Files of a few kilobytes that nobody reads.
for path in OUT.rglob("README.md"):
    path.unlink()
for path in OUT.rglob("*"):
    path.chmod(0o755 if path.is_dir() else 0o644)
print(sum(p.stat().st_size for p in OUT.rglob("*") if p.is_file()), "bytes")
