#!/usr/bin/env python3
"""Writes losses.json: inputs and losses of HuggingFace's heads, for LossesTest.

    python make_losses.py ../resources/io/github/vit4j/losses.json
"""

import json
import sys

import torch
import transformers
from transformers import ViTConfig, ViTForImageClassification, ViTForMaskedImageModeling

SIZES = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, image_size=4, patch_size=2)


def classification(num_labels, problem_type, labels):
    model = ViTForImageClassification(ViTConfig(**SIZES, num_labels=num_labels, problem_type=problem_type)).eval()
    logits = torch.randn(len(labels), num_labels) * 3
    model.forward = None  # only the loss function is used
    loss = model.loss_function(labels, logits, model.config)
    return {
        "num_labels": num_labels,
        "problem_type": problem_type,
        "logits": logits.flatten().tolist(),
        "labels": labels.flatten().tolist(),
        "labels_shape": list(labels.shape),
        "labels_are_integers": not labels.is_floating_point(),
        "loss": loss.item(),
    }


def masked(num_channels, mask):
    config = ViTConfig(**SIZES, num_channels=num_channels, encoder_stride=2, initializer_range=0.5)
    model = ViTForMaskedImageModeling(config).eval()
    pixel_values = torch.randn(len(mask), num_channels, 4, 4)
    with torch.no_grad():
        output = model(pixel_values, bool_masked_pos=mask)
    return {
        "num_channels": num_channels,
        "pixel_values": pixel_values.flatten().tolist(),
        "mask": mask.flatten().tolist(),
        "reconstruction": output.reconstruction.flatten().tolist(),
        "loss": output.loss.item(),
    }


def main():
    torch.manual_seed(0)
    cases = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "classification": [
            classification(5, None, torch.tensor([4, 0, 2])),
            classification(5, "single_label_classification", torch.tensor([1, -100, 3])),
            classification(1, None, torch.tensor([0.5, -1.0, 2.0])),
            classification(3, "regression", torch.randn(2, 3)),
            classification(4, None, torch.tensor([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])),
            classification(4, "multi_label_classification", torch.tensor([[1.0, 1.0, 1.0, 1.0]])),
        ],
        "masked": [
            masked(3, torch.tensor([[True, False, True, False], [False, False, False, True]])),
            masked(1, torch.ones(1, 4, dtype=torch.bool)),
            masked(2, torch.zeros(2, 4, dtype=torch.bool)),
        ],
    }
    with open(sys.argv[1], "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
