"""Runs a model in several precisions and says how much each of them loses.

The loss of a tensor is max |x - float64| / max |float64|: float64 is the same model converted to float64
from the stored weights; the largest over the given inputs, and over eager and sdpa attention (attention
weights: eager only) counts.
"""

import contextlib
import copy
import warnings
from decimal import ROUND_CEILING, Decimal

import torch
from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

HALVES = {"bfloat16": torch.bfloat16, "float16": torch.float16}
PRECISIONS = ["float32", "bfloat16", "float16", "int8"]


def in_precision(model, precision):
    """A copy of the model that computes in that precision."""
    if precision == "int8":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return quantize_dynamic(copy.deepcopy(model).float(), {torch.nn.Linear: per_channel_dynamic_qconfig})
    dtype = {"float64": torch.float64, "float32": torch.float32, **HALVES}[precision]
    return copy.deepcopy(model).to(dtype)


@contextlib.contextmanager
def softmax_in(dtype):
    """The type that eager attention computes its softmax in.

    transformers asks for float32 whatever the model's type: more than a half model has, less than a float64
    one has, whose result would be wrong from the seventh digit on. Only the latter is changed.
    """
    original = torch.nn.functional.softmax
    if dtype is torch.float64:
        torch.nn.functional.softmax = lambda scores, dim, dtype=None: original(scores, dim=dim)
    try:
        yield
    finally:
        torch.nn.functional.softmax = original


def forward(model, inputs, outputs, precision="float64", attention="eager"):
    """The named tensors that the model gives: outputs are names without numbers, and perhaps loss."""
    model.set_attn_implementation(attention)
    dtype = {"float64": torch.float64, **HALVES}.get(precision, torch.float32)
    arguments = {
        name: value.to(dtype) if isinstance(value, torch.Tensor) and value.is_floating_point() else value
        for name, value in inputs.items()
    }
    base = getattr(model, "vit", model)
    kept = {}
    hook = base.layernorm.register_forward_hook(lambda module, given, result: kept.update(last_hidden_state=result))
    try:
        with torch.no_grad(), softmax_in(dtype):
            result = model(
                **arguments,
                output_hidden_states="hidden_states" in outputs,
                output_attentions="attentions" in outputs and attention == "eager",
            )
    finally:
        hook.remove()
    tensors = {}
    for output in outputs:
        if output in ("hidden_states", "attentions"):
            if output == "hidden_states" or attention == "eager":
                for i, tensor in enumerate(result[output]):
                    tensors[f"{output}.{i}"] = tensor
        else:
            tensors[output] = kept[output] if output == "last_hidden_state" else result[output]
    return {name: tensor.contiguous().clone() for name, tensor in tensors.items()}


def difference(actual, expected):
    """The largest difference as a share of the largest expected magnitude."""
    return ((actual.double() - expected).abs().max() / expected.abs().max()).item()


def check_float64(actual, expected):
    """Two ways to compute the same in float64 differ by nothing that float32 could show."""
    for name, tensor in actual.items():
        if not difference(tensor, expected[name]) < 1e-11:
            raise AssertionError(f"{name} was not computed in float64 throughout: {difference(tensor, expected[name])}")


def rounded_up(loss):
    """To three significant digits."""
    if loss == 0:
        return 0.0
    decimal = Decimal(loss)
    digit = Decimal(1).scaleb(decimal.adjusted() - 2)
    return float((decimal / digit).to_integral_value(ROUND_CEILING) * digit)


def losses(model, all_inputs, outputs, views=lambda tensors: tensors):
    """The losses by tensor and precision, and by tensor, precision and attention why there is none.

    views makes of the tensors of a run those that are compared.
    """
    reference = in_precision(model, "float64")
    expected = [views(forward(reference, inputs, outputs)) for inputs in all_inputs]
    for inputs, wanted in zip(all_inputs, expected):
        check_float64(views(forward(reference, inputs, outputs, attention="sdpa")), wanted)
    found = {name: {} for name in expected[0]}
    failed = {}
    for precision in PRECISIONS:
        lossy = in_precision(model, precision)
        for attention in ("eager", "sdpa"):
            for inputs, wanted in zip(all_inputs, expected):
                try:
                    actual = views(forward(lossy, inputs, outputs, precision, attention))
                except (RuntimeError, NotImplementedError) as e:
                    for name in wanted:
                        failed[name, precision] = str(e).splitlines()[0]
                    continue
                for name, tensor in actual.items():
                    loss = difference(tensor, wanted[name])
                    if not loss < float("inf"):
                        failed[name, precision] = "not a finite number"
                        continue
                    found[name][precision] = max(found[name].get(precision, 0.0), loss)
    for name, precision in failed:
        found[name].pop(precision, None)
    return {name: {p: rounded_up(loss) for p, loss in by.items()} for name, by in found.items()}, failed
