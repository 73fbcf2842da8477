"""Exports one of the conformance kit's reference cases with torch.onnx.export, as users do.

    cases=../../../../vit-conformance/src/main/resources/io/github/vit4j/conformance/cases
    python make_export.py $cases/one_channel ../resources/export/model.onnx

Needs the package onnx. Written with torch 2.13.0.
"""

import sys
from pathlib import Path

import torch
from transformers import ViTForImageClassification


class LogitsAndSequence(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        sequence = self.model.vit(pixel_values).last_hidden_state
        return self.model.classifier(sequence[:, 0]), sequence


def main(case, target):
    model = ViTForImageClassification.from_pretrained(case, attn_implementation="eager").eval()
    config = model.config
    pixels = torch.randn(2, config.num_channels, config.image_size, config.image_size)
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        LogitsAndSequence(model),
        (pixels,),
        target,
        input_names=["pixel_values"],
        output_names=["logits", "last_hidden_state"],
        dynamic_axes={name: {0: "batch"} for name in ("pixel_values", "logits", "last_hidden_state")},
        dynamo=False,
        opset_version=17,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
