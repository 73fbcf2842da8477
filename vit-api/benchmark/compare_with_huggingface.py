"""Times ViT4J's preprocessing against HuggingFace's with Pillow, in turns within one run.

    python vit-api/benchmark/compare_with_huggingface.py [PHOTO ...] [--rounds 30] [--cpu]

Without photos, JPEGs of 640x480, 1920x1080 and 4000x3000 pixels are made. Python and four JVMs take
turns on the same files, each on one thread: plain Java; Java with the Vector API; that with an installed
libjpeg-turbo as decoder of JPEG, or left out where there is none; that with OpenCV. Tasks are decoding,
resizing to 224x224 bilinear and bicubic, and all of it from the file to pixel_values; then
preprocessFiles of 8 files on one thread and on two, by the clock, and before it 8 loops of arithmetic,
which tell how much of two processors the machine gives. Prints medians in milliseconds, the
ratio (under 1: ViT4J is faster) and whether the target is met:

- resizing no slower than Pillow in plain Java, in half its time with the Vector API;
- file to pixel_values no slower than HuggingFace with Pillow, in plain Java with ImageIO alone;
- with libjpeg-turbo or OpenCV no slower than HuggingFace with torchvision. That is not run here: its time
  is derived from Pillow's, by the ratio that was measured once where both were installed (TORCHVISION below);
- two threads take at most 0.6 of one's time.

On a busy machine --cpu compares the processor time of the threads instead of the clock's. Needs
Pillow, numpy, torch and transformers, and Maven with a JDK 25 (java of JAVA_HOME, or --java).
"""

import argparse
import os
import shlex
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
# HuggingFace's time from file to pixel_values with torchvision, over that with Pillow, by pixels.
TORCHVISION = {640 * 480: 2.3 / 4.7, 1920 * 1080: 14.4 / 24.5, 4000 * 3000: 89 / 183}
VECTOR = ["--add-modules", "jdk.incubator.vector", "-Dvit4j.vector=on"]
VARIANTS = {
    "plain": ["-Dvit4j.vector=off", "-Dvit4j.image.decoder=imageio"],
    "vector": [*VECTOR, "-Dvit4j.image.decoder=imageio"],
    "turbojpeg": [*VECTOR, "-Dvit4j.image.decoder=turbojpeg"],
    "opencv": [*VECTOR, "-Dvit4j.image.decoder=opencv"],
}


def target(task, variant, photo):
    """The ratio that is aimed at; None where a number is for information."""
    if task in ("bilinear", "bicubic"):
        return {"plain": 1.0, "vector": 0.5}.get(variant)
    if task == "whole" and variant == "plain":
        return 1.0
    if task == "whole" and variant in ("turbojpeg", "opencv"):
        with Image.open(photo) as image:
            pixels = image.width * image.height
        return TORCHVISION[min(TORCHVISION, key=lambda known: abs(known - pixels))]
    return None


class Java:
    def __init__(self, arguments, options, classes):
        command = [str(arguments.java), "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                   "--sun-misc-unsafe-memory-access=allow", *options, *arguments.jvm_options.split(),
                   "-cp", classes, MAIN, "cpu" if arguments.cpu else "clock"]  # fmt: skip
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, task, file):
        self.process.stdin.write(f"{task} {file}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise ChildProcessError(f"the JVM has ended: {shlex.join(self.process.args)}")
        return int(answer)

    def has_decoder(self, photo):
        try:
            self.run("decode", photo)
            return True
        except (ChildProcessError, BrokenPipeError):
            return False

    def close(self):
        self.process.stdin.close()
        self.process.wait()


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
    parser.add_argument("--rounds", type=int, default=30, help="after at least 20 rounds and 10 s for warming up")
    parser.add_argument("--cpu", action="store_true", help="processor time of the thread")
    parser.add_argument("--jvm-options", default="", help="separated by spaces")
    default_java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    parser.add_argument("--java", default=default_java, help="java 25")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    python = Python(arguments.cpu)
    missed = 0

    def report(photo, task, variant, theirs, ours, aim):
        nonlocal missed
        ratio = ours / theirs
        missed += aim is not None and ratio > aim
        verdict = "" if aim is None else f"{aim:6.2f} " + ("MET" if ratio <= aim else "MISSED")
        print(f"{Path(photo).name[:24]:24} {task:10} {variant:9} {theirs:10.2f} {ours:10.2f} {ratio:6.2f} {verdict}",
              flush=True)  # fmt: skip

    with tempfile.TemporaryDirectory() as directory:
        photos = arguments.photos or list(make_photos(directory))
        classes = class_path()
        sides = {variant: Java(arguments, options, classes) for variant, options in VARIANTS.items()}
        variants = [variant for variant in VARIANTS if sides[variant].has_decoder(photos[0])]
        for variant in VARIANTS.keys() - set(variants):
            print(f"{variant} is left out: its decoder cannot be used here")
        sides = {variant: sides[variant] for variant in variants} | {"python": python}
        print(f"{'photo':24} {'task':10} {'variant':9} {'Python ms':>10} {'ViT4J ms':>10} {'ratio':>6} {'target':>6}")
        for photo in photos:
            times = {(task, side): [] for task in TASKS for side in sides}
            begin = time.monotonic()
            done = 0
            while done < arguments.rounds:
                done += len(times["decode", "python"]) >= 20 and time.monotonic() - begin > 10
                for task in TASKS:
                    for side, runner in sides.items():
                        times[task, side].append(runner.run(task, photo))
            middle = {key: statistics.median(values[-arguments.rounds :]) / 1e6 for key, values in times.items()}
            for task in TASKS:
                for variant in variants:
                    report(photo, task, variant, middle[task, "python"], middle[task, variant],
                           target(task, variant, photo))  # fmt: skip
            runs = {task + number: [] for task in ("busy", "files") for number in "12"}
            for _ in range(max(3, arguments.rounds // 5)):
                for task, values in runs.items():
                    values.append(sides["vector"].run(task, photo))
            middle = {task: statistics.median(values) / 1e6 for task, values in runs.items()}
            report(photo, "busy loop", "2 for 1", middle["busy1"], middle["busy2"], None)
            report(photo, "8 files", "2 for 1", middle["files1"], middle["files2"], 0.6)
        for variant in variants:
            sides[variant].close()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
