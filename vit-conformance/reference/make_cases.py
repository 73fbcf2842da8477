"""Writes the reference cases: models, inputs, and what transformers computes from them.

    python vit-conformance/reference/make_cases.py            writes the resources of vit-conformance
    python vit-conformance/reference/make_cases.py --check    writes them elsewhere and compares byte for byte

Both take about ten minutes on one core and 8 GB of memory; --check --only-small takes half a minute.

The cases directory holds index.json (versions, the size and SHA-256 of every file, the cases) and a directory
for each case:
  config.json         as save_pretrained writes it
  model.safetensors   as save_pretrained writes it; not there for models of full size, which are drawn anew
  runs.safetensors    inputs and results; its metadata "runs" is JSON, see write_runs
"""

import os

# Before torch is imported: other processors should give the same bytes.
os.environ.update(
    ATEN_CPU_CAPABILITY="default", MKL_CBWR="COMPATIBLE", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1",
    CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", PYTHONWARNINGS="ignore",
)  # fmt: skip

import argparse  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import platform  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy  # noqa: E402
import safetensors  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

import cases  # noqa: E402
import full_size  # noqa: E402
import measure  # noqa: E402
import models  # noqa: E402

RESOURCES = Path(__file__).parents[1] / "src/main/resources/io/github/vit4j/conformance/cases"
INPUTS_TO_MEASURE = 16


def versions():
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "safetensors": safetensors.__version__,
        "numpy": numpy.__version__,
    }


def write_small(case, directory, left_out):
    """Writes a small case.

    The metadata "runs" of runs.safetensors is a list of
      {"name", "requirement", "interpolate_pos_encoding", "outputs": [...],
       "expected": [{"name", "shape", "view": {"kind": "whole"}, "key", "pytorch_loss": {precision: loss}}]}
    The tensors are RUN/pixel_values, RUN/bool_masked_pos, RUN/labels (these two where there are such), and
    for each expected one KEY/float64 and KEY/float32.
    """
    model = models.build(case)
    models.save(case, model, directory)
    tensors, runs = {}, []
    for run in case.runs:
        all_inputs = [models.inputs(case, run, i) for i in range(INPUTS_TO_MEASURE)]
        for name, value in all_inputs[0].items():
            if isinstance(value, torch.Tensor):
                tensors[f"{run.name}/{name}"] = value
        exact = measure.forward(measure.in_precision(model, "float64"), all_inputs[0], run.outputs)
        single = measure.forward(measure.in_precision(model, "float32"), all_inputs[0], run.outputs, "float32")
        losses, failed = measure.losses(model, all_inputs, run.outputs)
        for (name, precision), reason in failed.items():
            left_out.append(dict(case=case.name, run=run.name, tensor=name, precision=precision, reason=reason))
        expected = []
        for name, tensor in exact.items():
            key = f"{run.name}/{name}"
            tensors[f"{key}/float64"] = tensor
            tensors[f"{key}/float32"] = single[name]
            expected.append(
                dict(name=name, shape=list(tensor.shape), view={"kind": "whole"}, key=key, pytorch_loss=losses[name])
            )
        runs.append(
            dict(
                name=run.name,
                requirement=run.requirement,
                interpolate_pos_encoding=run.image_size is not None,
                outputs=[output for output in run.outputs if output != "loss"],
                expected=expected,
            )
        )
    # One entry: the order of several is not defined.
    save_file(tensors, directory / "runs.safetensors", {"runs": json.dumps(runs)})


def files(directory):
    """Size and hash of every file."""
    return {
        file.name: {"size": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in sorted(directory.iterdir())
    }


def write_all(root, only_small=False):
    left_out = []
    index = {"versions": versions(), "cases": [], "full_size": [], "left_out": left_out}
    for case in cases.all_cases():
        write_small(case, root / case.name, left_out)
        index["cases"].append(dict(name=case.name, architecture=case.kind, files=files(root / case.name)))
    if not only_small:
        for case in full_size.CASES:
            started = time.monotonic()
            entry = full_size.write(case, root / case.name, left_out)
            index["full_size"].append(
                dict(name=case.name, architecture=case.kind, **entry, files=files(root / case.name))
            )
            print(f"{case.name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    (root / "index.json").write_text(json.dumps(index, indent=1) + "\n")


def compare(committed, made, only_small):
    """Prints how the trees differ; whether they are the same."""
    same = True
    names = sorted({p.relative_to(root) for root in (committed, made) for p in root.rglob("*") if p.is_file()})
    if only_small:
        full = {case.name for case in full_size.CASES}
        names = [name for name in names if name.parts[0] not in full | {"index.json"}]
    for name in names:
        old, new = committed / name, made / name
        if not (old.exists() and new.exists()):
            print(f"{name}: only {'committed' if old.exists() else 'made'}")
        elif old.read_bytes() != new.read_bytes():
            print(f"{name}: differs{tensor_differences(old, new) if name.suffix == '.safetensors' else ''}")
        else:
            continue
        same = False
    return same


def tensor_differences(old, new):
    """How much the tensors of two files differ, a line each."""
    before, after = load_file(old), load_file(new)
    lines = [f"\n  {name}: only in one of them" for name in sorted(before.keys() ^ after.keys())]
    for name in sorted(before.keys() & after.keys()):
        a, b = before[name], after[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            lines.append(f"\n  {name}: {a.dtype}{list(a.shape)} became {b.dtype}{list(b.shape)}")
        elif not torch.equal(a, b):
            lines.append(f"\n  {name}: by {measure.difference(b, a.double()):.1e} of the largest magnitude")
    return "".join(lines) or ": the same tensors, another header"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing; status 1 if anything differs")
    parser.add_argument("--only-small", action="store_true", help="check without the models of full size")
    arguments = parser.parse_args()
    if arguments.only_small and not arguments.check:
        parser.error("--only-small goes with --check: the index lists all cases")
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.backends.mkldnn.enabled = False
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / "cases"
        made.mkdir()
        write_all(made, arguments.only_small)
        if arguments.check:
            if not compare(RESOURCES, made, arguments.only_small):
                sys.exit(1)
            print("the same bytes")
            return
        shutil.rmtree(RESOURCES, ignore_errors=True)
        shutil.copytree(made, RESOURCES)
        print(f"{sum(f.stat().st_size for f in RESOURCES.rglob('*') if f.is_file()) / 1e6:.2f} MB in {RESOURCES}")


if __name__ == "__main__":
    main()
