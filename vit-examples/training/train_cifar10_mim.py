#!/usr/bin/env python3
"""Trains builtin:vit-tiny-cifar10-mim, the model for masked image modelling that ViT4J bundles, with transformers.

    python train_cifar10_mim.py --data cifar10-jpg.zip --output vit-tiny-cifar10-mim

The zip is that of train_cifar10_classifier.py. The objective is that of SimMIM (Xie et al., 2022, "SimMIM: A Simple
Framework for Masked Image Modeling"), as `ViTForMaskedImageModeling` computes it: half of the patches, drawn anew for
each picture, give way to the mask token, and the loss is the mean absolute error of the pixels under them.

What is written is an ordinary HuggingFace directory with model.safetensors in float16. `reconstruction.json` beside it
says how well those float16 weights reconstruct the test set: the mean absolute error of the masked pixels, in parts of
the range from black to white, beside that of three simple guesses (the mean colour of the training set, the mean colour
of the visible patches, and the nearest visible patches' colours spread over the gap).
"""

import argparse
import json
import os
import time
import zipfile

import torch
import torch.nn.functional as F
import transformers
from train_cifar10_classifier import (
    SIZE,
    augment,
    make_optimizers,
    mimetic_initialization,
    normalize,
    read_split,
    schedule,
    write_preprocessor_config,
)
from transformers import ViTConfig, ViTForMaskedImageModeling

PATCH = 4
SIDE = SIZE // PATCH
MASKED = SIDE * SIDE // 2


def draw_masks(n, generator):
    """bool [n, patches]: half of the patches of each picture, drawn uniformly."""
    order = torch.rand(n, SIDE * SIDE, generator=generator).argsort(dim=1)
    return order < MASKED


def pixel_masks(masks):
    """float [n, 1, 32, 32]: 1 where a pixel's patch is masked."""
    grid = masks.float().reshape(-1, 1, SIDE, SIDE)
    return grid.repeat_interleave(PATCH, dim=2).repeat_interleave(PATCH, dim=3)


def error(reconstruction, pixels, hidden):
    """Sum of the absolute errors of the masked pixels, and their number, both over all channels."""
    return ((reconstruction - pixels).abs() * hidden).sum().item(), hidden.sum().item() * pixels.shape[1]


def spread_visible(pixels, hidden):
    """Each masked pixel as the weighted mean of the visible ones around it (a Gaussian of one patch)."""
    reach = 3 * PATCH
    x = torch.arange(-reach, reach + 1).float()
    line = torch.exp(-0.5 * (x / PATCH) ** 2)
    kernel = (line[:, None] * line[None]).expand(pixels.shape[1] + 1, 1, -1, -1)
    visible = torch.cat([pixels * (1 - hidden), 1 - hidden], dim=1)
    spread = F.conv2d(F.pad(visible, (reach,) * 4), kernel, groups=visible.shape[1])
    return spread[:, :-1] / spread[:, -1:].clamp(min=1e-9)


@torch.no_grad()
def evaluate(model, pixels, mean_colour, bfloat16=False):
    """Mean absolute error of the masked pixels, 1 being the way from black to white, beside three simple guesses."""
    model.eval()
    generator = torch.Generator().manual_seed(1)
    sums, count = {}, 0.0
    for batch in pixels.split(500):
        masks = draw_masks(len(batch), generator)
        hidden, truth = pixel_masks(masks), normalize(batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            model_output = model(truth, bool_masked_pos=masks).reconstruction.float()
        visible_mean = (truth * (1 - hidden)).sum((2, 3), keepdim=True) / (1 - hidden).sum((2, 3), keepdim=True)
        for name, guess in [
            ("model", model_output),
            ("mean_colour_of_the_training_set", mean_colour.expand_as(truth)),
            ("mean_colour_of_the_visible_patches", visible_mean.expand_as(truth)),
            ("colours_of_the_nearest_visible_patches", spread_visible(truth, hidden)),
        ]:
            total, n = error(guess, truth, hidden)
            sums[name] = sums.get(name, 0.0) + total
        count += n
    return {name: total / count / 2 for name, total in sums.items()}  # pixel values reach from -1 to 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="cifar10-jpg.zip")
    parser.add_argument("--output", required=True, help="directory to write the model to")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-steps", type=int, default=0, help="stop early, to time a few steps")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    with zipfile.ZipFile(options.data) as archive:
        train_pixels, _ = read_split(archive, "train")
        test_pixels, _ = read_split(archive, "test")
    mean_colour = torch.stack([normalize(part).mean((0, 2, 3)) for part in train_pixels.split(5000)]).mean(0)
    mean_colour = mean_colour[None, :, None, None]
    print(f"{len(train_pixels)} training and {len(test_pixels)} test pictures", flush=True)

    config = ViTConfig(
        hidden_size=192,
        num_hidden_layers=6,
        num_attention_heads=3,
        intermediate_size=576,
        image_size=SIZE,
        patch_size=PATCH,
        encoder_stride=PATCH,
        layer_norm_eps=1e-6,
        attn_implementation="eager",
    )
    model = ViTForMaskedImageModeling(config)
    mimetic_initialization(model, config)
    optimizers = make_optimizers(model, options.learning_rate, options.weight_decay)
    steps_per_epoch = len(train_pixels) // options.batch_size
    total = options.epochs * steps_per_epoch
    warmup = total // 20

    step, began = 0, time.time()
    for epoch in range(options.epochs):
        model.train()
        order = torch.randperm(len(train_pixels), generator=generator)
        running = 0.0
        for batch in order[: steps_per_epoch * options.batch_size].view(-1, options.batch_size):
            pixels = normalize(augment(train_pixels[batch], generator))
            masks = draw_masks(len(batch), generator)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = options.learning_rate * schedule(step, warmup, total)
            with torch.autocast("cpu", torch.bfloat16):
                reconstruction = model(pixels, bool_masked_pos=masks).reconstruction
            hidden = pixel_masks(masks)
            loss = ((reconstruction.float() - pixels).abs() * hidden).sum() / (hidden.sum() + 1e-5) / 3
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
            f"epoch {epoch + 1}/{options.epochs}: loss {running / steps_per_epoch / 2:.4f}, "
            f"test {evaluate(model, test_pixels[:2000], mean_colour, True)['model']:.4f}, {time.time() - began:.0f} s",
            flush=True,
        )

    model.half().save_pretrained(options.output)
    write_preprocessor_config(options.output)
    stored = ViTForMaskedImageModeling.from_pretrained(options.output, dtype=torch.float32)
    result = {
        "mean_absolute_error_of_masked_pixels": evaluate(stored, test_pixels, mean_colour),
        "options": {k: v for k, v in vars(options).items() if k not in ("data", "output", "max_steps")},
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    with open(os.path.join(options.output, "reconstruction.json"), "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print(json.dumps(result["mean_absolute_error_of_masked_pixels"], indent=2))


if __name__ == "__main__":
    main()
