"""Times photos to labels against HuggingFace's pipeline, in turns, on as many threads.

    python vit-examples/benchmark/compare_photos_to_labels.py MODEL_DIRECTORY [--photos FOLDER] [--count 300]
        [--run BACKEND/PRECISION[/THREADSxCALLERS] ...] [--rounds 5] [--threads 2]

Without --photos, JPEGs of about 500x400 pixels are made of the photos that come with the project (and
of ../shared/photos where that is there): cut, resized, with a little noise, quality 90; the same every time.
One long-lived JVM classifies them by ImageClassificationPipeline.classifyAll, and
transformers' pipeline("image-classification", batch_size=8) with its Pillow processor (what it takes where torchvision
is not installed) classifies the same files in this process; in turns, A B A B, start-up and first rounds not
counted. Prints the median of the ratios of neighbours, how many times HuggingFace's rate ViT4J's is, for each
run, in how many photos the best labels agree, and MET or MISSED: at least 1.8 times in float32, and at
least 3 times in the best other precision that is asked for. In float32, all labels must agree; in other precisions
95 %. On a busy machine, the processor time that both take for a photo says more than the clock, and is printed
too; torch's threads wait busily unless OMP_WAIT_POLICY=passive is set. Exit code 1 if something is missed. Needs torch, transformers and Pillow, and Maven with a JDK 25 (java of
JAVA_HOME, or --java).
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent
ROOT = MODULE.parent
MAIN = "io.github.vit4j.benchmark.PhotosToLabels"
FLOAT32_TARGET = 1.8
REDUCED_TARGET = 3.0
AGREEMENT = 0.95
BATCH_SIZE = 8


def make_photos(folder, count):
    """Views of photos, which have the detail and the file sizes of photos."""
    import numpy as np
    from PIL import Image

    candidates = [MODULE / "photos" / "chelsea.png"]
    candidates += sorted((ROOT.parent / "shared" / "photos" / "01-coco").glob("*.png"))
    candidates += sorted((MODULE / "photos" / "drawn").glob("*.jpg"))[:2]
    sources = [Image.open(file).convert("RGB") for file in candidates]
    choose = random.Random(1)
    noise = np.random.default_rng(1)
    for index in range(count):
        source = sources[index % len(sources)]
        width, height = choose.randint(480, 520), choose.randint(380, 420)
        share = choose.uniform(0.5, 1)
        left, top = (choose.uniform(0, side * (1 - share)) for side in source.size)
        box = (left, top, left + share * source.width, top + share * source.height)
        picture = source.resize((width, height), Image.Resampling.BICUBIC, box)
        if choose.random() < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        levels = np.asarray(picture, dtype=np.float32) * choose.uniform(0.7, 1.2)
        levels += noise.normal(0, 3, levels.shape)
        Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(folder / f"{index:04}.jpg", quality=90)


def class_path():
    target = MODULE / "target"
    subprocess.run(
        ["mvn", "-B", "-q", "-P", "!format", "-pl", MODULE.name, "-am", "test-compile", "dependency:build-classpath",
         "-Dmdep.outputFile=target/test-classpath.txt"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return os.pathsep.join(
        [str(target / "test-classes"), str(target / "classes"), (target / "test-classpath.txt").read_text()])


class Run:
    """A backend, a precision, and how the threads are shared."""

    def __init__(self, text, threads):
        words = text.split("/")
        self.name = text
        self.backend, self.precision = words[:2]
        # Engines that run callers side by side do most with one thread for each of them; tornado's do not.
        shared = words[2] if len(words) > 2 else f"{threads}x1" if self.backend == "tornado" else f"1x{threads}"
        self.threads, self.callers = map(int, shared.split("x"))


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def classify(self, run, readers):
        line = f"{run.name} {run.backend} {run.precision} {run.threads} {BATCH_SIZE} {run.callers} {readers}\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("the Java side ended")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of a classifier, such as ViT-Tiny/16")
    parser.add_argument("--photos", type=Path, help="a folder of image files and nothing else")
    parser.add_argument("--count", type=int, default=300, help="how many photos are made without --photos")
    parser.add_argument("--run", nargs="+", default=["onnx/float32", "djl/float32", "djl/bfloat16"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    default_java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    parser.add_argument("--java", default=default_java, help="java 25")
    parser.add_argument("--java-option", action="append", default=["-XX:+UseSerialGC"])
    arguments = parser.parse_args()

    import torch
    import transformers
    from transformers import AutoImageProcessor, pipeline
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as scratch:
        photos = arguments.photos
        if photos is None:
            photos = Path(scratch, "photos")
            photos.mkdir()
            make_photos(photos, arguments.count)
        files = sorted(str(file) for file in photos.iterdir())
        size = sum(os.path.getsize(file) for file in files) / len(files)
        print(f"{len(files)} photos of {size / 1e3:.0f} kB, {arguments.threads} threads; torch {torch.__version__},"
              f" transformers {transformers.__version__} with the Pillow processor")  # fmt: skip

        theirs = pipeline(
            "image-classification", model=arguments.model, batch_size=BATCH_SIZE, device="cpu", top_k=1,
            image_processor=AutoImageProcessor.from_pretrained(arguments.model, backend="pil"),
        )  # fmt: skip

        def time_theirs():
            start, processor = time.perf_counter(), time.process_time()
            labels = [result[0]["label"] for result in theirs(files)]
            return time.perf_counter() - start, time.process_time() - processor, labels

        server = Server(
            [str(arguments.java), "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
             *arguments.java_option, "-cp", class_path(), MAIN, arguments.model, str(photos)])  # fmt: skip
        runs = [Run(text, arguments.threads) for text in arguments.run]
        time_theirs()
        for run in runs:
            for _ in range(2):
                print("warm:", server.classify(run, arguments.threads)["engine"])
        ratios = {run.name: [] for run in runs}
        rates = {run.name: [] for run in runs}
        processor = {run.name: [] for run in runs}
        their_rates, their_processor = [], []
        agreement = {}
        for _ in range(arguments.rounds):
            for run in runs:
                time.sleep(0.1)  # the threads of the other one still wait busily
                seconds, processor_seconds, expected = time_theirs()
                time.sleep(0.1)
                answer = server.classify(run, arguments.threads)
                ratios[run.name].append(seconds / answer["seconds"])
                rates[run.name].append(len(files) / answer["seconds"])
                processor[run.name].append(answer["processor_seconds"] / len(files))
                their_rates.append(len(files) / seconds)
                their_processor.append(processor_seconds / len(files))
                same = sum(a == b for a, b in zip(answer["labels"], expected, strict=True))
                agreement[run.name] = same / len(files)
        server.close()

    print(f"HuggingFace float32: {statistics.median(their_rates):.1f} photos/s,"
          f" {1e3 * statistics.median(their_processor):.1f} ms of processor time each")  # fmt: skip
    met = {}
    for run in runs:
        ratio = statistics.median(ratios[run.name])
        target = FLOAT32_TARGET if run.precision == "float32" else REDUCED_TARGET
        agrees = agreement[run.name] >= (1 if run.precision == "float32" else AGREEMENT)
        met.setdefault(target, []).append(ratio >= target and agrees)
        print(
            f"{run.name} ({run.threads} threads x {run.callers} callers): {statistics.median(rates[run.name]):.1f}"
            f" photos/s, {1e3 * statistics.median(processor[run.name]):.1f} ms of processor time each, {ratio:.2f} times HuggingFace's ({min(ratios[run.name]):.2f} to {max(ratios[run.name]):.2f});"
            f" best labels agree {100 * agreement[run.name]:.1f} %")  # fmt: skip
    for target, reached in met.items():
        kind = "float32" if target == FLOAT32_TARGET else "best other precision"
        print(f"{kind}: at least {target} times: {'MET' if any(reached) else 'MISSED'}")
    return 0 if all(any(reached) for reached in met.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
