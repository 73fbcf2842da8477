"""Runs exported models in Python and compares them with what ViT4J computed.

    ./vit export --format torchscript --output model.pt
    ./vit export --format onnx --output model.onnx
    ./vit preprocess photo.jpg --output in.safetensors
    ./vit run --task classification --inputs in.safetensors --outputs out.safetensors
    python vit-examples/compare_exports.py in.safetensors out.safetensors model.pt model.onnx

Every output of every model must be in the file of outputs and agree to 1e-5 of the tensor's largest
magnitude. ONNX files are also checked by onnx.checker, shapes inferred. Needs numpy, and torch for .pt,
onnx and onnxruntime for .onnx. The exit code is 1 where something differs.
"""

import json
import sys

import numpy as np

TOLERANCE = 1e-5
TYPES = {"F32": np.float32, "BOOL": np.bool_}


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[8 + length + begin : 8 + length + end], TYPES[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def run_torchscript(path, inputs):
    import torch

    model = torch.jit.load(path)
    with torch.inference_mode():
        outputs = model(**{name: torch.from_numpy(value.copy()) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in outputs.items()}


def run_onnx(path, inputs):
    import onnx
    import onnxruntime

    onnx.checker.check_model(path, full_check=True)
    domains = {node.domain for node in onnx.load(path).graph.node}
    if domains != {""}:
        raise SystemExit(f"{path}: operators outside the standard: {domains}")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


def main(arguments):
    if len(arguments) < 3:
        sys.exit(__doc__)
    inputs, expected = read(arguments[0]), read(arguments[1])
    failed = False
    for path in arguments[2:]:
        outputs = (run_onnx if path.endswith(".onnx") else run_torchscript)(path, inputs)
        if not outputs:
            sys.exit(f"{path}: no outputs")
        for name, value in outputs.items():
            if name not in expected or value.shape != expected[name].shape:
                sys.exit(f"{path}: {name} {value.shape} is not among {({n: v.shape for n, v in expected.items()})}")
            error = np.abs(value - expected[name]).max() / np.abs(expected[name]).max()
            failed |= not error <= TOLERANCE
            print(f"{path}: {name} {value.shape}, largest difference {error:.1e}: {'agrees' if error <= TOLERANCE else 'DIFFERS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
