"""Times the ONNX backend's own graph against the one that torch.onnx.export writes.

    python vit-backend-onnx/benchmark/compare_with_torch_export.py MODEL_DIRECTORY [--threads 2]

MODEL_DIRECTORY holds a classifier as HuggingFace files (without one, a ViT-B/16 with random weights
is made). Both graphs run in turns inside one JVM, through the same backend and the same ONNX
Runtime, logits only, at batch sizes 1 and 8; the median times, their ratio and the target are
printed. Needs torch, transformers, onnx and onnxscript in Python, and Maven with a JDK 25
(java of JAVA_HOME, or --java).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent
MAIN = "io.github.vit4j.backend.onnx.ExportComparison"


def export(directory, target, dynamo):
    import torch
    from transformers import ViTForImageClassification

    model = ViTForImageClassification.from_pretrained(directory).eval()
    config = model.config

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, pixel_values):
            return self.model(pixel_values).logits

    size = config.image_size if isinstance(config.image_size, (list, tuple)) else [config.image_size] * 2
    pixels = torch.randn(2, config.num_channels, *size)
    names = dict(input_names=["pixel_values"], output_names=["logits"])
    if dynamo:
        names["dynamic_shapes"] = {"pixel_values": {0: torch.export.Dim("batch")}}
    else:
        names["dynamic_axes"] = {"pixel_values": {0: "batch"}, "logits": {0: "batch"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(Logits(), (pixels,), str(target), dynamo=dynamo, **names)


def make_model(directory):
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    torch.manual_seed(0)
    ViTForImageClassification(ViTConfig(num_labels=1000)).save_pretrained(directory)


def class_path():
    target = MODULE / "target"
    subprocess.run(
        ["mvn", "-B", "-q", "-pl", MODULE.name, "-am", "test-compile", "dependency:build-classpath",
         "-Dmdep.outputFile=target/classpath.txt"],
        cwd=MODULE.parent, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return os.pathsep.join(
        [str(target / "test-classes"), str(target / "classes"), (target / "classpath.txt").read_text()])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="directory of a classifier; default: a random ViT-B/16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20, help="per batch size")
    parser.add_argument("--exporter", choices=["dynamo", "torchscript"], default="dynamo",
                        help="dynamo is what torch.onnx.export does unless told otherwise")  # fmt: skip
    default_java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    parser.add_argument("--java", default=default_java, help="java 25")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        model = arguments.model
        if model is None:
            model = os.path.join(scratch, "model")
            make_model(model)
        target = Path(scratch, "export", "model.onnx")
        target.parent.mkdir()
        export(model, target, arguments.exporter == "dynamo")
        command = [
            str(arguments.java), "--enable-native-access=ALL-UNNAMED", "-cp", class_path(), MAIN,
            str(model), str(target), str(arguments.threads), str(arguments.seconds),
        ]  # fmt: skip
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
