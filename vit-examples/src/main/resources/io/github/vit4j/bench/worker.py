"""The Python side of ./vit bench --against: does what it is told, a line of JSON in, a line out.

    python worker.py THREADS                   answers requests on standard input
    python worker.py THREADS start MODEL       loads a classifier, runs it once, prints what that took
    python worker.py THREADS classify MODEL PHOTO    the whole of what a user would write

Needs torch and transformers; onnxruntime and onnx for the engine of that name. What is missing is
an answer {"error": ...}, not an end.
"""

import json
import os
import sys
import time

STARTED = time.time()
THREADS = int(sys.argv[1])
os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["HF_HUB_OFFLINE"] = "1"


def resident():
    with open("/proc/self/status") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS")), 0)


class Torch:
    """transformers on torch: eager, or compiled by torch.compile; on the processor or a GPU."""

    def __init__(self, model, precision, compiled, device="cpu"):
        import torch
        from transformers import ViTForImageClassification

        self.torch = torch
        self.dtype = getattr(torch, precision)
        self.device = device
        # float32 is float32 on GPUs too, as it already is for matrix products.
        torch.backends.cudnn.allow_tf32 = False
        loaded = ViTForImageClassification.from_pretrained(model, dtype=self.dtype).eval().to(device)
        self.model = torch.compile(loaded) if compiled else loaded
        self.inputs = {}

    def run(self, batch, pixels):
        """From the host's memory to the host's memory."""
        if batch not in self.inputs:
            self.inputs[batch] = self.torch.from_numpy(pixels.copy()).to(self.dtype)
        with self.torch.inference_mode():
            return self.model(self.inputs[batch].to(self.device)).logits.cpu()

    def numbers(self, batch, pixels):
        return self.run(batch, pixels).float().flatten().tolist()


class OnnxRuntime:
    """The graph of torch.onnx.export in ONNX Runtime's Python package."""

    def __init__(self, model, pixels):
        import tempfile

        import onnxruntime
        import torch
        from transformers import ViTForImageClassification

        loaded = ViTForImageClassification.from_pretrained(model, dtype=torch.float32).eval()
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "model.onnx")
            torch.onnx.export(
                loaded, (torch.from_numpy(pixels.copy()),), file, dynamo=False, opset_version=17,
                input_names=["pixel_values"], output_names=["logits"],
                dynamic_axes={"pixel_values": {0: "n"}, "logits": {0: "n"}})  # fmt: skip
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = THREADS
            options.inter_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def run(self, batch, pixels):
        return self.session.run(["logits"], {"pixel_values": pixels})[0]

    def numbers(self, batch, pixels):
        return [float(value) for value in self.run(batch, pixels).flatten()]


class Worker:
    def __init__(self):
        self.engines = {}
        self.pixels = {}

    def hello(self):
        import torch
        import transformers

        torch.set_num_threads(THREADS)
        versions = {"Python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__}
        try:
            import onnxruntime

            versions["onnxruntime"] = onnxruntime.__version__
        except ImportError:
            pass
        if torch.cuda.is_available():
            versions["GPU"] = torch.cuda.get_device_name(0)
        return {"versions": versions}

    def inputs(self, file, shape):
        """float32 pixel_values of any batch size, from a file of the largest one."""
        import numpy

        self.all = numpy.fromfile(file, dtype="<f4").reshape(shape)
        return {}

    def open(self, engine, precision, model):
        if engine == "onnxruntime":
            self.engines[engine, precision] = OnnxRuntime(model, self.all[:1])
        elif engine == "cuda":
            self.engines[engine, precision] = Torch(model, precision, False, "cuda")
        else:
            self.engines[engine, precision] = Torch(model, precision, engine == "compile")
        return {}

    def run(self, engine, precision, batch, seconds):
        chosen, pixels = self.engines[engine, precision], self.all[:batch]
        chosen.run(batch, pixels)
        runs, start = 0, time.perf_counter()
        while True:
            chosen.run(batch, pixels)
            runs += 1
            taken = time.perf_counter() - start
            if taken >= seconds and runs >= 2:
                return {"seconds": taken / runs}

    def logits(self, engine, precision, batch):
        return {"logits": self.engines[engine, precision].numbers(batch, self.all[:batch])}

    def gemm(self, size, seconds):
        """What the processor multiplies a second in float32, by torch's own library."""
        import torch

        a, b = torch.randn(size, size), torch.randn(size, size)
        torch.mm(a, b)
        runs, start = 0, time.perf_counter()
        while True:
            torch.mm(a, b)
            runs += 1
            taken = time.perf_counter() - start
            if taken >= seconds and runs >= 2:
                return {"flops": 2 * size**3 * runs / taken}

    def preprocess(self, model, files):
        from PIL import Image
        from transformers import AutoImageProcessor

        if "processor" not in self.engines:
            self.engines["processor"] = AutoImageProcessor.from_pretrained(model, use_fast=False)
        processor = self.engines["processor"]
        start = time.perf_counter()
        for file in files:
            processor(images=Image.open(file).convert("RGB"), return_tensors="pt")
        return {"seconds": (time.perf_counter() - start) / len(files)}

    def labels(self, model, precision, files, batch):
        import torch
        from transformers import pipeline

        key = "pipeline", precision
        if key not in self.engines:
            self.engines[key] = pipeline("image-classification", model=model, dtype=getattr(torch, precision))
        start = time.perf_counter()
        results = self.engines[key](files, batch_size=batch, top_k=1)
        taken = time.perf_counter() - start
        return {"seconds": taken / len(files), "labels": [result[0]["label"] for result in results]}


def start(model):
    before = resident()
    import torch
    from transformers import ViTForImageClassification

    torch.set_num_threads(THREADS)
    libraries = resident()
    begun = time.perf_counter()
    loaded = ViTForImageClassification.from_pretrained(model, dtype=torch.float32).eval()
    opened = time.perf_counter()
    config = loaded.config
    size = config.image_size if isinstance(config.image_size, (list, tuple)) else [config.image_size] * 2
    with torch.inference_mode():
        loaded(torch.zeros(1, config.num_channels, *size)).logits.sum().item()
    return {
        "load": opened - begun, "first": time.perf_counter() - begun, "process": time.time() - STARTED,
        "residentBefore": libraries, "residentAfter": resident(), "residentStart": before}  # fmt: skip


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    if sys.argv[2:3] == ["start"]:
        print(json.dumps(start(sys.argv[3])), file=answers, flush=True)
        return
    if sys.argv[2:3] == ["classify"]:
        from transformers import pipeline

        for result in pipeline("image-classification", model=sys.argv[3])(sys.argv[4]):
            print(f"{result['score']:.3f} {result['label']}", file=answers)
        answers.flush()
        return
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception as e:  # noqa: BLE001 - whatever it is, the other side says it
            text = str(e).strip().splitlines()
            answer = {"error": f"{type(e).__name__}: {text[0] if text else ''}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
