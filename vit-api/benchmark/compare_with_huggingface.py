"""Times ViT4J's preprocessing against HuggingFace's with Pillow, in turns within one run.

    python vit-api/benchmark/compare_with_huggingface.py [PHOTO ...] [--rounds 30] [--cpu]

Without photos, JPEGs of 640x480, 1920x1080 and 4000x3000 pixels are made. Both sides work on one
thread, on the same files: decoding, resizing to 224x224 bilinear and bicubic, and all of it from
the file to pixel_values. Prints medians in milliseconds, the ratio (under 1: ViT4J is faster) and
whether the target, no slower than Python, is met. On a busy machine --cpu compares the processor time
of the two threads instead of the clock's. Needs Pillow, numpy, torch and transformers, and
Maven with a JDK 25 (java of JAVA_HOME, or --java).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from transformers import AutoImageProcessor

MODULE = Path(__file__).resolve().parent.parent
MAIN = "io.github.vit4j.benchmark.PreprocessingTimes"
TASKS = ["decode", "bilinear", "bicubic", "whole"]
SIZES = [(640, 480), (1920, 1080), (4000, 3000)]


def class_path():
    target = MODULE / "target"
    subprocess.run(
        ["mvn", "-B", "-q", "-pl", MODULE.name, "test-compile", "dependency:build-classpath",
         "-Dmdep.outputFile=target/classpath.txt"],
        cwd=MODULE.parent, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return os.pathsep.join(
        [str(target / "test-classes"), str(target / "classes"), (target / "classpath.txt").read_text()])


def make_photos(directory):
    chelsea = Image.open(MODULE.parent / "vit-examples/photos/chelsea.png").convert("RGB")
    random = np.random.default_rng(0)
    for width, height in SIZES:
        levels = np.asarray(chelsea.resize((width, height), Image.LANCZOS), dtype=np.int16)
        # The noise of a camera, without which an enlarged picture would be too easy to decode.
        levels = (levels + random.integers(-3, 4, levels.shape)).clip(0, 255).astype(np.uint8)
        file = Path(directory, f"{width}x{height}.jpg")
        Image.fromarray(levels).save(file, quality=90)
        yield str(file)


class Python:
    def __init__(self, cpu):
        self.now = time.thread_time_ns if cpu else time.perf_counter_ns
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "preprocessor_config.json").write_text('{"image_processor_type": "ViTImageProcessor"}')
            self.processor = AutoImageProcessor.from_pretrained(directory, backend="pil")
        self.decoded = {}

    @staticmethod
    def read(file):
        with Image.open(file) as image:
            return ImageOps.exif_transpose(image).convert("RGB")

    def run(self, task, file):
        if file not in self.decoded:
            self.decoded[file] = self.read(file)
        start = self.now()
        if task == "decode":
            self.read(file)
        elif task == "whole":
            self.processor(self.read(file), return_tensors="np")
        else:
            self.decoded[file].resize((224, 224), Image.BILINEAR if task == "bilinear" else Image.BICUBIC)
        return self.now() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="*")
    parser.add_argument("--rounds", type=int, default=30, help="after at least 20 rounds and 5 s for warming up")
    parser.add_argument("--cpu", action="store_true", help="processor time of the thread")
    parser.add_argument("--jvm-options", default="", help="separated by spaces")
    default_java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    parser.add_argument("--java", default=default_java, help="java 25")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    python = Python(arguments.cpu)
    with tempfile.TemporaryDirectory() as directory:
        photos = arguments.photos or list(make_photos(directory))
        command = [str(arguments.java), "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                   "--sun-misc-unsafe-memory-access=allow", *arguments.jvm_options.split(),
                   "-cp", class_path(), MAIN, "cpu" if arguments.cpu else "clock"]  # fmt: skip
        java = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        missed = 0
        print(f"{'photo':24} {'task':10} {'Python ms':>10} {'ViT4J ms':>10} {'ratio':>6}")
        for photo in photos:
            times = {(task, side): [] for task in TASKS for side in "jp"}
            begin = time.monotonic()
            done = 0
            while done < arguments.rounds:
                warm = len(times["decode", "j"]) >= 20 and time.monotonic() - begin > 5
                done += warm
                for task in TASKS:
                    java.stdin.write(f"{task} {photo}\n")
                    java.stdin.flush()
                    times[task, "j"].append(int(java.stdout.readline()))
                    times[task, "p"].append(python.run(task, photo))
            for task in TASKS:
                ours, theirs = (statistics.median(times[task, side][-arguments.rounds :]) / 1e6 for side in "jp")
                met = ours <= theirs
                missed += not met
                print(f"{Path(photo).name[:24]:24} {task:10} {theirs:10.2f} {ours:10.2f} {ours / theirs:6.2f} "
                      + ("MET" if met else "MISSED"), flush=True)  # fmt: skip
        java.stdin.close()
        java.wait()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
