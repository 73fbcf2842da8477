"""Times the DJL backend against HuggingFace transformers, in turns, on as many threads.

    python vit-backend-djl/benchmark/compare_with_transformers.py MODEL_DIRECTORY [--threads 2] [--soak]

MODEL_DIRECTORY holds a classifier as HuggingFace files (without one, a ViT-B/16 with random weights
is made). Both run in turns, A B A B, logits only, at batch sizes 1 and 8; medians of the ratios of
neighbours are printed with their targets. With --soak also 1,000 runs and 40 reloads, and what
memory they take. bfloat16 is left out where the processor has no instructions for it. Needs torch
and transformers in Python, and Maven with a JDK 25 (java of JAVA_HOME, or --java).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent
MAIN = "io.github.vit4j.backend.djl.BenchmarkServer"


def make_model(directory):
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    torch.manual_seed(0)
    ViTForImageClassification(ViTConfig(num_labels=1000)).save_pretrained(directory)


def class_path():
    target = MODULE / "target"
    subprocess.run(
        ["mvn", "-B", "-q", "-P", "!format", "-pl", MODULE.name, "-am", "test-compile", "dependency:build-classpath",
         "-Dmdep.outputFile=target/classpath.txt"],
        cwd=MODULE.parent, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return os.pathsep.join(
        [str(target / "test-classes"), str(target / "classes"), (target / "classpath.txt").read_text()])


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the Java side ended")
        return [float(word) for word in line.split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(server, theirs, ours, images, pixels, pairs, rounds):
    """pairs: (precision of ours, precision of theirs, target); all of them in every round."""
    import torch

    def time_theirs(precision):
        start = time.perf_counter()
        with torch.inference_mode():
            theirs[precision](pixels.to(getattr(torch, precision))).logits
        return time.perf_counter() - start

    contestants = [("ours", p) for p in ours] + [("theirs", p) for p in theirs]
    times = {contestant: [] for contestant in contestants}
    for i in range(rounds + 2):
        for who, precision in contestants:
            time.sleep(0.03)  # the threads of the other one still wait busily
            taken = server.ask("run", precision, images)[0] if who == "ours" else time_theirs(precision)
            if i >= 2:
                times[who, precision].append(taken)
    with torch.inference_mode():
        expected = theirs["float32"](pixels).logits.double().flatten()
    met = True
    for precision in ours:
        actual = torch.tensor(server.ask("logits", precision, images), dtype=torch.float64)
        difference = (actual - expected).abs().max() / expected.abs().max()
        print(f"batch {images}: logits in {precision} differ from HuggingFace's float32 by {difference:.1e} of the largest")
    for mine, other, target in pairs:
        a, b = times["ours", mine], times["theirs", other]
        ratio = statistics.median(x / y for x, y in zip(a, b))
        met &= ratio <= target
        print(
            f"batch {images}: {mine} {statistics.median(a) * 1e3:.1f} ms, HuggingFace {other}"
            f" {statistics.median(b) * 1e3:.1f} ms, ratio {ratio:.3f}, target {target:.2f}:"
            f" {'MET' if ratio <= target else 'MISSED'}; {rounds} rounds")  # fmt: skip
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="directory of a classifier; default: a random ViT-B/16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=25, help="at batch 1; a third of it at batch 8")
    parser.add_argument("--soak", action="store_true", help="also 1,000 runs and 40 reloads")
    default_java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    parser.add_argument("--java", default=default_java, help="java 25")
    arguments = parser.parse_args()

    import torch
    from transformers import ViTForImageClassification

    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as scratch:
        model = arguments.model
        if model is None:
            model = os.path.join(scratch, "model")
            make_model(model)
        flags = Path("/proc/cpuinfo").read_text().split()
        precisions = ["float32"] + (["bfloat16"] if {"amx_bf16", "avx512_bf16"} & set(flags) else [])
        theirs = {
            precision: ViTForImageClassification.from_pretrained(model, dtype=getattr(torch, precision)).eval()
            for precision in precisions
        }
        size = theirs["float32"].config.image_size
        size = size if isinstance(size, (list, tuple)) else [size, size]
        torch.manual_seed(1)
        batches = {n: torch.randn(n, theirs["float32"].config.num_channels, *size) for n in (1, 8)}
        for images, pixels in batches.items():
            pixels.numpy().tofile(os.path.join(scratch, f"{images}.raw"))
        server = Server(
            [str(arguments.java), "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
             "-cp", class_path(), MAIN, str(model), str(arguments.threads), scratch])  # fmt: skip
        for precision in precisions:
            seconds, before, after = server.ask("open", precision)
            print(f"opened in {precision}: {seconds * 1e3:.0f} ms, {(after - before) / 1024:.0f} MB of memory")
        pairs = [("float32", "float32", 1.0)]
        if "bfloat16" in precisions:
            pairs += [("bfloat16", "float32", 1 / 3), ("bfloat16", "bfloat16", 1.0)]
        met = True
        for images, pixels in batches.items():
            rounds = max(7, arguments.rounds // (1 if images == 1 else 3))
            met &= compare(server, theirs, precisions, images, pixels, pairs, rounds)
        if arguments.soak:
            for precision in precisions:
                before, runs, warm, reloads = (kb / 1024 for kb in server.ask("soak", precision, 1000, 40))
                print(f"{precision}: 1,000 runs {before:.0f} -> {runs:.0f} MB, 40 reloads {warm:.0f} -> {reloads:.0f} MB")
        server.close()
        return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
