#!/usr/bin/env python3
"""Writes what the examples must find, computed by HuggingFace transformers and Pillow: src/test/resources/examples.json.

    python make_examples.py

Needs torch, transformers and Pillow as in ../../vit-conformance/reference/requirements.txt. With --model DIRECTORY it
instead prints the logits that transformers computes with a saved model of the CustomConfiguration example.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path

import torch
from PIL import Image
from transformers import ViTConfig, ViTForImageClassification, ViTForMaskedImageModeling, ViTImageProcessorPil, ViTModel

EXAMPLES = Path(__file__).resolve().parent.parent
MODELS = EXAMPLES / "src/main/resources/io/github/vit4j/models"
CLASSIFIER = MODELS / "vit-tiny-cifar10"
MASKED = MODELS / "vit-tiny-cifar10-mim"
CHELSEA = EXAMPLES / "photos/chelsea.png"
DRAWN = EXAMPLES / "photos/drawn"
QUERY = "ship-1.jpg"
SIDE = 128


def load(kind, directory, **options):
    return kind.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager", **options).eval()


def pixel_values(directory, *images):
    processor = ViTImageProcessorPil.from_pretrained(directory)
    return processor([image.convert("RGB") for image in images], return_tensors="pt")["pixel_values"]


def classification():
    model = load(ViTForImageClassification, CLASSIFIER)
    scores = model(pixel_values(CLASSIFIER, Image.open(CHELSEA))).logits[0].softmax(-1)
    best = scores.topk(5)
    return [
        {"label": model.config.id2label[i], "score": s} for s, i in zip(best.values.tolist(), best.indices.tolist())
    ]


def java_booleans(seed, n):
    """What java.util.Random.nextBoolean gives: the highest bits of a linear congruential generator of 48 bits."""
    state, found = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1), []
    for _ in range(n):
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        found.append(state >> 47 == 1)
    return found


def masked():
    """The middle square of the photo, shrunk and cut into windows, half of whose patches are hidden."""
    model = load(ViTForMaskedImageModeling, MASKED)
    window = model.config.image_size
    per_row = SIDE // window
    photo = Image.open(CHELSEA).convert("RGB")
    side = min(photo.size)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    whole = photo.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    windows = [
        whole.crop((x * window, y * window, (x + 1) * window, (y + 1) * window))
        for y in range(per_row)
        for x in range(per_row)
    ]
    patches = (window // model.config.patch_size) ** 2
    mask = torch.tensor(java_booleans(0, len(windows) * patches)).reshape(len(windows), patches)
    outputs = model(pixel_values(MASKED, *windows), bool_masked_pos=mask)
    return {
        "masked": int(mask.sum()),
        "loss": outputs.loss.item(),
        "shape": list(outputs.reconstruction.shape),
        "means_of_the_windows": outputs.reconstruction.double().mean((1, 2, 3)).tolist(),
        "row_16_of_green_of_window_5": outputs.reconstruction[5, 1, 16].tolist(),
    }


def features():
    model = load(ViTModel, CLASSIFIER, add_pooling_layer=False)
    files = sorted(DRAWN.glob("*.jpg"))
    patches = model(pixel_values(CLASSIFIER, *map(Image.open, files))).last_hidden_state[:, 1:].double().mean(1)
    wanted = patches[[file.name for file in files].index(QUERY)]
    found = torch.nn.functional.cosine_similarity(patches, wanted[None], dim=1).tolist()
    others = [{"photo": f.name, "similarity": s} for f, s in zip(files, found) if f.name != QUERY]
    return sorted(others, key=lambda other: -other["similarity"])


def custom_configuration():
    config = ViTConfig(
        hidden_size=192,
        num_hidden_layers=4,
        num_attention_heads=3,
        intermediate_size=768,
        image_size=96,
        patch_size=8,
        num_labels=10,
    )
    model = ViTForImageClassification(config).eval()
    with tempfile.TemporaryDirectory() as directory:
        model.save_pretrained(directory)
        saved = json.loads((Path(directory) / "config.json").read_text())
    logits = model(torch.zeros(1, 3, 96, 96)).logits
    return {"config": saved, "parameters": model.num_parameters(), "logits_shape": list(logits.shape)}


def preprocessing():
    values = pixel_values(CLASSIFIER, Image.open(CHELSEA))
    return {
        "shape": list(values.shape),
        "min": values.min().item(),
        "max": values.max().item(),
        "sha256_of_the_float32_numbers": hashlib.sha256(values.contiguous().numpy().tobytes()).hexdigest(),
    }


def rollout():
    """Abnar and Zuidema (2020): attention averaged over the heads, plus the identity, multiplied over the layers."""
    model = load(ViTModel, CLASSIFIER, add_pooling_layer=False)
    attentions = model(pixel_values(CLASSIFIER, Image.open(CHELSEA)), output_attentions=True).attentions
    identity = torch.eye(attentions[0].shape[-1], dtype=torch.float64)
    joint, layers = identity, []
    for attention in attentions:
        joint = (attention[0].double().mean(0) + identity) / 2 @ joint
        layers.append(joint[0, 1:].tolist())
    return layers


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a directory that the CustomConfiguration example has saved")
    options = parser.parse_args()
    if options.model:
        model = load(ViTForImageClassification, options.model)
        print(json.dumps(model(pixel_values(options.model, Image.open(CHELSEA))).logits.tolist()))
        return
    expected = {
        "classification": classification(),
        "masked_image_modeling": masked(),
        "feature_extraction": features(),
        "custom_configuration": custom_configuration(),
        "image_preprocessing": preprocessing(),
        "attention_rollout": rollout(),
    }
    output = EXAMPLES / "src/test/resources/examples.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(expected, indent=1) + "\n")
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
