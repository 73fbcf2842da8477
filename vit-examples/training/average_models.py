#!/usr/bin/env python3
"""Writes the mean of the weights of several stages of one training (Wortsman et al., 2022, "Model soups").

    python average_models.py --data cifar10-jpg.zip --output vit-tiny-cifar10 stage1 stage2
"""

import argparse
import json
import os
import zipfile

import torch
from train_cifar10_classifier import read_split, store
from transformers import ViTForImageClassification


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="+", help="model directories that train_cifar10_classifier.py wrote")
    parser.add_argument("--data", required=True, help="cifar10-jpg.zip")
    parser.add_argument("--output", required=True, help="directory to write the model to")
    options = parser.parse_args()
    models = [ViTForImageClassification.from_pretrained(stage, dtype=torch.float32) for stage in options.stages]
    states = [model.state_dict() for model in models]
    models[0].load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    recipes = []
    for stage in options.stages:
        with open(os.path.join(stage, "accuracy.json")) as file:
            recipes.append(json.load(file))
    with zipfile.ZipFile(options.data) as archive:
        test_pixels, test_labels = read_split(archive, "test")
    store(models[0], options.output, {"mean_of": recipes}, test_pixels, test_labels)


if __name__ == "__main__":
    main()
