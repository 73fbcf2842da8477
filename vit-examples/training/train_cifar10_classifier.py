#!/usr/bin/env python3
"""Trains builtin:vit-tiny-cifar10, the model that ViT4J bundles, with HuggingFace transformers.

    python train_cifar10_classifier.py --data cifar10-jpg.zip --output stage1
    python train_cifar10_classifier.py --data cifar10-jpg.zip --output stage2 --start-from stage1 \
        --augmentation strong --epochs 8 --learning-rate 1.5e-3
    python average_models.py --data cifar10-jpg.zip --output vit-tiny-cifar10 stage1 stage2

The zip holds CIFAR-10 as JPEG files: train/<class>/*.jpg (50,000) and test/<class>/*.jpg (10,000).
What is written is an ordinary HuggingFace directory: config.json, preprocessor_config.json and
model.safetensors in float16. The last line printed is the accuracy of those float16 weights on the test
set; `accuracy.json` beside them keeps it with the versions and options that produced it.

A ViT of this size learns slowly from 50,000 pictures when started from scratch. Two published methods
shorten the way, so that two CPU cores suffice:
  * mimetic initialisation (Trockman and Kolter, 2023, "Mimetic Initialization of Self-Attention Layers");
  * the Muon optimiser for the weight matrices of the encoder, AdamW for everything else.
Augmentation: mirror images, CutMix (Yun et al., 2019) on every other batch until shortly before the end, and either
shifts of 4 pixels (light) or crops of 35 to 100 % of the picture with changed brightness, contrast and saturation
(strong), with which the second stage makes up for what the first overfits. The mean of the weights of both stages is
better than either (Wortsman et al., 2022, "Model soups").
"""

import argparse
import io
import json
import math
import os
import time
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
import transformers
from PIL import Image
from transformers import ViTConfig, ViTForImageClassification

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
SIZE = 32


def read_split(archive, split):
    """Returns (uint8 [n, 3, 32, 32], int64 [n]) for `split`, in a fixed order."""
    images, labels = [], []
    for name in sorted(archive.namelist()):
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == split and parts[2].endswith(".jpg"):
            with Image.open(io.BytesIO(archive.read(name))) as image:
                images.append(np.asarray(image.convert("RGB")))
            labels.append(CLASSES.index(parts[1]))
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return pixels, torch.tensor(labels)


def normalize(pixels):
    """What ViTImageProcessor does after resizing: x / 255, then (x - 0.5) / 0.5."""
    return (pixels.float() / 255.0 - 0.5) / 0.5


def augment(pixels, generator):
    """Mirror images and shifts of up to 4 pixels (reflected borders), drawn per picture."""
    n = pixels.shape[0]
    padded = F.pad(pixels.float(), (4, 4, 4, 4), mode="reflect").to(torch.uint8)
    flip = torch.rand(n, generator=generator) < 0.5
    padded[flip] = padded[flip].flip(-1)
    dy = torch.randint(0, 9, (n,), generator=generator)
    dx = torch.randint(0, 9, (n,), generator=generator)
    rows = (dy[:, None] + torch.arange(SIZE))[:, None, :, None]
    columns = (dx[:, None] + torch.arange(SIZE))[:, None, None, :]
    return padded[torch.arange(n)[:, None, None, None], torch.arange(3)[None, :, None, None], rows, columns]


def uniform(n, low, high, generator):
    return low + (high - low) * torch.rand(n, generator=generator)


def augment_strongly(pixels, generator):
    """Mirror images, crops of 35 to 100 % of the area (sides 3:4 to 4:3), and colour changes by up to 40 %."""
    n = pixels.shape[0]
    area, ratio = uniform(n, 0.35, 1.0, generator), torch.exp(uniform(n, math.log(3 / 4), math.log(4 / 3), generator))
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    transform = torch.zeros(n, 2, 3)
    transform[:, 0, 0] = width * torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    transform[:, 1, 1] = height
    transform[:, 0, 2] = (1 - width) * uniform(n, -1, 1, generator)
    transform[:, 1, 2] = (1 - height) * uniform(n, -1, 1, generator)
    grid = F.affine_grid(transform, (n, 3, SIZE, SIZE), align_corners=False)
    x = F.grid_sample(pixels.float(), grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    brightness, contrast, saturation = (uniform(n, 0.6, 1.4, generator)[:, None, None, None] for _ in range(3))
    x = x * brightness
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    x = (x - mean) * contrast + mean
    grey = x.mean(dim=1, keepdim=True)
    return ((x - grey) * saturation + grey).clamp(0, 255)


def cutmix(pixels, generator):
    """Pastes one rectangle of another picture; returns the pictures, the partner order and the share kept."""
    order = torch.randperm(pixels.shape[0], generator=generator)
    ratio = math.sqrt(torch.rand((), generator=generator).item())
    side = int(SIZE * ratio)
    cy, cx = torch.randint(0, SIZE, (2,), generator=generator).tolist()
    y0, y1 = max(cy - side // 2, 0), min(cy + side // 2, SIZE)
    x0, x1 = max(cx - side // 2, 0), min(cx + side // 2, SIZE)
    mixed = pixels.clone()
    mixed[:, :, y0:y1, x0:x1] = pixels[order][:, :, y0:y1, x0:x1]
    return mixed, order, 1.0 - (y1 - y0) * (x1 - x0) / (SIZE * SIZE)


@torch.no_grad()
def mimetic_initialization(model, config):
    """Attention products near multiples of the identity, sine and cosine positions (Trockman and Kolter, 2023)."""
    d, heads = config.hidden_size, config.num_attention_heads
    k = d // heads
    for name, module in model.named_modules():
        parts = {child.rsplit(".", 1)[-1]: layer for child, layer in module.named_modules()}
        if not name.endswith(".attention") or not {"q_proj", "k_proj", "v_proj", "o_proj"} <= parts.keys():
            continue
        query, key, value, output = (parts[n] for n in ("q_proj", "k_proj", "v_proj", "o_proj"))
        for head in range(heads):
            u, s, vh = torch.linalg.svd(0.7 * torch.randn(d, d) / math.sqrt(d) + 0.7 * torch.eye(d))
            rows = slice(head * k, (head + 1) * k)
            query.weight[rows] = (u[:, :k] * s[:k].sqrt()).T
            key.weight[rows] = s[:k].sqrt()[:, None] * vh[:k]
        u, s, vh = torch.linalg.svd(0.4 * torch.randn(d, d) / math.sqrt(d) - 0.4 * torch.eye(d))
        value.weight.copy_((u * s.sqrt()).T)
        output.weight.copy_((s.sqrt()[:, None] * vh).T)
    side = config.image_size // config.patch_size
    frequencies = 1.0 / 10000 ** (torch.arange(d // 4) / (d // 4))
    angles = torch.arange(side)[:, None] * frequencies
    axis = torch.cat([angles.sin(), angles.cos()], dim=1)
    grid = torch.cat([axis[:, None].expand(side, side, -1), axis[None].expand(side, side, -1)], dim=2)
    positions = model.vit.embeddings.position_embeddings
    positions.zero_()
    positions[0, 1:] = grid.reshape(side * side, d) * 0.1


def start(options):
    """The model to train: a new one, or the one to go on from."""
    if options.start_from:
        return ViTForImageClassification.from_pretrained(
            options.start_from, dtype=torch.float32, attn_implementation="eager"
        )
    config = ViTConfig(
        hidden_size=192,
        num_hidden_layers=6,
        num_attention_heads=3,
        intermediate_size=384,
        image_size=SIZE,
        patch_size=4,
        encoder_stride=4,
        layer_norm_eps=1e-6,
        num_labels=len(CLASSES),
        id2label=dict(enumerate(CLASSES)),
        label2id={label: index for index, label in enumerate(CLASSES)},
        attn_implementation="eager",
    )
    model = ViTForImageClassification(config)
    mimetic_initialization(model, config)
    return model


def make_optimizers(model, lr, weight_decay):
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and ".layers." in "." + n]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    assert matrices, "no encoder matrices found: the parameter names of transformers have changed"
    return [
        torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            [
                {"params": [p for p in others if p.ndim > 1], "weight_decay": weight_decay},
                {"params": [p for p in others if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=lr,
            betas=(0.9, 0.98),
        ),
    ]


def schedule(step, warmup, total):
    """The learning rate's factor: a linear rise, then half a cosine."""
    return (step + 1) / warmup if step < warmup else 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def previous_stage(options):
    """What accuracy.json says of the model that training went on from."""
    if not options.start_from:
        return None
    with open(os.path.join(options.start_from, "accuracy.json")) as file:
        return json.load(file)


@torch.no_grad()
def accuracy(model, pixels, labels, bfloat16):
    model.eval()
    correct = 0
    for start in range(0, len(pixels), 500):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = model(normalize(pixels[start : start + 500])).logits
        correct += (logits.argmax(-1) == labels[start : start + 500]).sum().item()
    return correct / len(pixels)


def write_preprocessor_config(output):
    """What `normalize` does, and the resizing before it, as ViTImageProcessor reads it."""
    with open(os.path.join(output, "preprocessor_config.json"), "w") as file:
        json.dump(
            {
                "do_normalize": True,
                "do_rescale": True,
                "do_resize": True,
                "image_mean": [0.5, 0.5, 0.5],
                "image_processor_type": "ViTImageProcessor",
                "image_std": [0.5, 0.5, 0.5],
                "resample": 2,
                "rescale_factor": 0.00392156862745098,
                "size": {"height": SIZE, "width": SIZE},
            },
            file,
            indent=2,
        )
        file.write("\n")


def store(model, output, recipe, test_pixels, test_labels):
    """Writes the directory in float16, measures what was written, and keeps the figure beside it."""
    model.half().save_pretrained(output)
    write_preprocessor_config(output)
    stored = ViTForImageClassification.from_pretrained(output, dtype=torch.float32)
    result = {
        "test_accuracy": accuracy(stored, test_pixels, test_labels, False),
        **recipe,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    with open(os.path.join(output, "accuracy.json"), "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print(f"test accuracy of the stored float16 weights: {result['test_accuracy']:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="cifar10-jpg.zip")
    parser.add_argument("--output", required=True, help="directory to write the model to")
    parser.add_argument("--start-from", help="a model directory to go on from")
    parser.add_argument("--augmentation", choices=["light", "strong"], default="light")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-steps", type=int, default=0, help="stop early, to time a few steps")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    with zipfile.ZipFile(options.data) as archive:
        train_pixels, train_labels = read_split(archive, "train")
        test_pixels, test_labels = read_split(archive, "test")
    print(f"{len(train_pixels)} training and {len(test_pixels)} test pictures", flush=True)

    model = start(options)
    change = augment_strongly if options.augmentation == "strong" else augment
    optimizers = make_optimizers(model, options.learning_rate, options.weight_decay)
    steps_per_epoch = len(train_pixels) // options.batch_size
    total = options.epochs * steps_per_epoch
    warmup = total // 15

    step, began = 0, time.time()
    for epoch in range(options.epochs):
        model.train()
        order = torch.randperm(len(train_pixels), generator=generator)
        mixing = epoch < options.epochs * 0.85
        running = 0.0
        for batch in order[: steps_per_epoch * options.batch_size].view(-1, options.batch_size):
            pixels, labels = change(train_pixels[batch], generator), train_labels[batch]
            partner, kept = labels, 1.0
            if mixing and torch.rand((), generator=generator) < 0.5:
                pixels, shuffled, kept = cutmix(pixels, generator)
                partner = labels[shuffled]
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = options.learning_rate * schedule(step, warmup, total)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(normalize(pixels)).logits.float()
            loss = kept * F.cross_entropy(logits, labels, label_smoothing=0.05)
            if kept < 1.0:
                loss = loss + (1.0 - kept) * F.cross_entropy(logits, partner, label_smoothing=0.05)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            running += loss.item()
            step += 1
            if step == options.max_steps:
                print(f"{step} steps in {time.time() - began:.1f} s, loss {loss.item():.3f}")
                return
        print(
            f"epoch {epoch + 1}/{options.epochs}: loss {running / steps_per_epoch:.4f}, "
            f"test accuracy {accuracy(model, test_pixels, test_labels, True):.4f}, {time.time() - began:.0f} s",
            flush=True,
        )

    recipe = {k: v for k, v in vars(options).items() if k not in ("data", "output", "start_from", "max_steps")}
    store(model, options.output, {"options": recipe, "started_from": previous_stage(options)}, test_pixels, test_labels)


if __name__ == "__main__":
    main()
