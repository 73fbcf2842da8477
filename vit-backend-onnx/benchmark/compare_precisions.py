"""Times the ONNX backend in float32 and int8 against HuggingFace transformers in float32, in turns.

    python vit-backend-onnx/benchmark/compare_precisions.py [MODEL_DIRECTORY] [--photos FOLDER --labelled-model DIRECTORY]

MODEL_DIRECTORY holds a classifier as HuggingFace files (without one, a ViT-B/16 with random weights
is made). All run in turns, A B C A B C, logits only, at batch sizes 1 and 8, on as many threads;
medians of the ratios of neighbours are printed with their targets, MET or MISSED. Also what a model
takes to open, in time and in memory (Linux). With --photos, how often int8 says the same as float32
over a folder of photos, by a trained model; a folder with one photo per label, in the order of the
labels, also gives how often each is right. Needs torch and transformers in Python, and Maven with a
JDK 25 (java of JAVA_HOME, or --java).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare_with_torch_export import class_path, make_model

PACKAGE = "io.github.vit4j.backend.onnx"
TARGETS = {("int8", 1): 0.30, ("int8", 8): 0.28, ("float32", 1): 0.85, ("float32", 8): 0.90}


def java(arguments, paths, main, *words):
    return [str(arguments.java), "--enable-native-access=ALL-UNNAMED", "-cp", paths, f"{PACKAGE}.{main}", *map(str, words)]


def compare(ours, theirs, size, images, rounds):
    """ours: asks for a run and gives its milliseconds."""
    import torch

    pixels = torch.randn(images, theirs.config.num_channels, *size)
    times = {"float32": [], "int8": [], "HuggingFace": []}
    for i in range(rounds + 2):
        for who in times:
            time.sleep(0.03)  # the threads of the one before still wait busily
            if who == "HuggingFace":
                start = time.perf_counter()
                with torch.inference_mode():
                    theirs(pixels).logits
                taken = (time.perf_counter() - start) * 1e3
            else:
                taken = ours(who, images)
            if i >= 2:
                times[who].append(taken)
    met = True
    for who in ("float32", "int8"):
        ratios = [a / b for a, b in zip(times[who], times["HuggingFace"])]
        ratio = statistics.median(ratios)
        low, high = statistics.quantiles(ratios, n=4)[::2]
        target = TARGETS[who, images]
        met &= ratio <= target
        print(
            f"batch {images}: onnx {who} {statistics.median(times[who]):.1f} ms, HuggingFace float32"
            f" {statistics.median(times['HuggingFace']):.1f} ms, ratio {ratio:.3f} (half of them {low:.3f} to {high:.3f}),"
            f" target {target:.2f}: {'MET' if ratio <= target else 'MISSED'}; {rounds} rounds", flush=True)  # fmt: skip
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="directory of a classifier; default: a random ViT-B/16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=25, help="at batch 1; a third of it at batch 8")
    parser.add_argument("--photos", help="folder of photos to compare labels over")
    parser.add_argument("--labelled-model", help="the trained classifier for --photos; default: MODEL_DIRECTORY")
    default_java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    parser.add_argument("--java", default=default_java, help="java 25")
    arguments = parser.parse_args()

    import torch
    from transformers import ViTForImageClassification

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    paths = class_path()
    with tempfile.TemporaryDirectory() as scratch:
        model = arguments.model
        if model is None:
            model = os.path.join(scratch, "model")
            make_model(model)
        for precision in ("float32", "int8"):
            print(f"opening in {precision}:", flush=True)
            command = java(arguments, paths, "LoadFigures", model, arguments.threads, precision)
            lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
            print("\n".join("  " + line for line in lines[1:5]), flush=True)
        theirs = ViTForImageClassification.from_pretrained(model).eval()
        size = theirs.config.image_size
        size = size if isinstance(size, (list, tuple)) else [size, size]
        server = subprocess.Popen(
            java(arguments, paths, "TimedRuns", model, arguments.threads),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip

        def ours(precision, images):
            server.stdin.write(f"{precision} {images}\n")
            server.stdin.flush()
            line = server.stdout.readline()
            if not line:
                sys.exit("the Java side ended")
            return float(line)

        met = compare(ours, theirs, size, 1, arguments.rounds)
        met &= compare(ours, theirs, size, 8, max(7, arguments.rounds // 3))
        server.stdin.close()
        server.wait()
        if arguments.photos:
            labelled = arguments.labelled_model or model
            command = java(arguments, paths, "PhotoAgreement", labelled, arguments.photos, arguments.threads)
            met &= subprocess.run(command).returncode == 0
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
