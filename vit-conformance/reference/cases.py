"""The small models and what they are run on.

Each run belongs to the requirement that it is made to judge (Requirement.java), and its model and inputs
are such that the mistakes that requirement is about show far above what PyTorch loses.
"""

from dataclasses import dataclass, field
from typing import Any

MODEL, CLASSIFIER, MASKED = "ViTModel", "ViTForImageClassification", "ViTForMaskedImageModeling"

ALL_MODEL = ["last_hidden_state", "pooler_output", "hidden_states", "attentions"]
ALL_CLASSIFIER = ["logits", "last_hidden_state", "hidden_states", "attentions"]
ALL_MASKED = ["reconstruction", "last_hidden_state", "hidden_states", "attentions"]

SMALL = dict(
    hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
    image_size=8, patch_size=4,
)  # fmt: skip

# Those of published checkpoints, then the rest of transformers' table but for prelu and xielu, which have
# parameters.
ACTIVATIONS = ["gelu_new", "gelu_fast", "gelu_pytorch_tanh", "quick_gelu", "relu", "silu", "tanh"]
OTHER_ACTIVATIONS = [
    "gelu_10", "gelu_accurate", "gelu_python", "gelu_python_tanh", "hardswish", "laplace", "leaky_relu",
    "linear", "mish", "relu2", "relu6", "sigmoid", "sqrtsoftplus", "swish",
]  # fmt: skip


@dataclass
class Run:
    """What a model is given and asked for."""

    name: str
    requirement: str
    outputs: list[str]
    images: int = 1
    image_size: tuple[int, int] | None = None  # with interpolated positions
    mask: str | None = None  # none, all, random, first (patch of every image), per_image (none, all, random in turn)
    labels: str | None = None  # class, class_ignored, truth, value, values


@dataclass
class Case:
    """A model; see models.build for what the fields do to its weights."""

    name: str
    kind: str
    runs: list[Run]
    fields: dict[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    pooler: bool = True
    mask_token: bool = False
    names: str = "transformers_4"
    wide: float = 0.5
    residual: float = 1.0

    def config(self):
        # Of a single number near zero, any loss would be a large share.
        labels = {"num_labels": 6} if self.kind == CLASSIFIER else {}
        return {**SMALL, **labels, **self.fields}


def outputs():
    """Every model class, every output, every combination that engines have shortcuts for."""
    yield Case("classifier", CLASSIFIER, fields=dict(num_labels=5), runs=[
        Run("all", "logits", ALL_CLASSIFIER, images=3),
        Run("one", "logits", ["logits"]),
        Run("three", "batches", ["logits"], images=3),
        Run("hidden_states", "hidden_states", ["hidden_states"]),
        Run("attentions", "attentions", ["attentions", "logits"]),
        Run("last_hidden_state", "last_hidden_state", ["last_hidden_state"]),
        Run("larger", "interpolated_positions", ["logits"], image_size=(16, 16)),
        Run("rectangular", "interpolated_positions", ALL_CLASSIFIER, images=2, image_size=(20, 12)),
        Run("partial_patches", "partial_patches", ["logits"], image_size=(11, 11)),
    ])  # fmt: skip
    yield Case("model_with_pooler", MODEL, fields=dict(pooler_output_size=7, pooler_act="relu"), runs=[
        Run("all", "pooler_output", ALL_MODEL, images=3),
        Run("pooler", "pooler_output", ["pooler_output"], images=3),
        Run("last", "last_hidden_state", ["last_hidden_state"]),
        Run("both", "pooler_output", ["last_hidden_state", "pooler_output"]),
    ])  # fmt: skip
    yield Case("pooler_as_wide_as_the_model", MODEL, runs=[
        Run("tanh", "pooler_output", ["pooler_output"], images=3),
        Run("attentions", "attentions", ["attentions"], images=2),
    ])  # fmt: skip
    yield Case("pooler_wider_than_the_model", MODEL, fields=dict(pooler_output_size=29, pooler_act="gelu"), runs=[
        Run("gelu", "pooler_output", ["pooler_output", "last_hidden_state"], images=2),
    ])  # fmt: skip
    yield Case("model_without_pooler", MODEL, pooler=False, fields=dict(image_size=16), runs=[
        Run("all", "last_hidden_state", ["last_hidden_state", "hidden_states", "attentions"]),
        Run("hidden_states", "hidden_states", ["hidden_states"], images=2),
        Run("smaller", "interpolated_positions", ["last_hidden_state"], image_size=(8, 8)),
        Run("one_patch", "interpolated_positions", ["last_hidden_state"], image_size=(4, 4)),
        Run("larger", "interpolated_positions", ["last_hidden_state"], image_size=(36, 36)),
        Run("wide", "interpolated_positions", ["last_hidden_state"], image_size=(4, 28)),
        Run("tall", "partial_patches", ["last_hidden_state"], image_size=(29, 9)),
        Run("as_many_patches", "interpolated_positions", ["last_hidden_state"], image_size=(8, 32)),
        Run("as_configured", "interpolated_positions", ["last_hidden_state"], image_size=(16, 16)),
        Run("square_with_as_many_patches", "interpolated_positions", ["last_hidden_state"], image_size=(18, 18)),
        Run("partial", "partial_patches", ["last_hidden_state"], image_size=(23, 15), images=2),
    ])  # fmt: skip
    yield Case("masked", MASKED, fields=dict(encoder_stride=4), runs=[
        Run("all", "reconstruction", ALL_MASKED, mask="random", images=3),
        Run("without_mask", "reconstruction", ["reconstruction"], images=2),
        Run("hidden_states", "hidden_states", ["hidden_states"], mask="random"),
        Run("last_hidden_state", "last_hidden_state", ["last_hidden_state"], mask="first"),
        Run("masked_everywhere", "masks", ["reconstruction"], mask="all"),
        Run("masked_nowhere", "masks", ["reconstruction"], mask="none"),
        Run("masked_per_image", "masks", ["reconstruction", "hidden_states"], mask="per_image", images=3),
        Run("larger", "interpolated_positions", ["reconstruction"], image_size=(16, 16), images=2),
        Run("square_number_of_patches", "reconstruction", ["reconstruction"], image_size=(4, 16)),
    ])  # fmt: skip


def inputs():
    """Batches, masks, images of other sizes."""
    yield Case("batches", CLASSIFIER, fields=dict(num_labels=3), runs=[
        Run("one", "batches", ["logits", "last_hidden_state"]),
        Run("eight", "batches", ["logits", "last_hidden_state", "attentions"], images=8),
        Run("eight_larger", "batches", ["logits", "hidden_states"], images=8, image_size=(12, 8)),
    ])  # fmt: skip
    yield Case("model_with_mask_token", MODEL, mask_token=True, runs=[
        Run("none", "masks", ALL_MODEL, mask="none", images=2),
        Run("all", "masks", ["last_hidden_state"], mask="all"),
        Run("first", "masks", ["last_hidden_state"], mask="first", images=2),
        Run("random", "masks", ALL_MODEL, mask="random", images=3),
        Run("per_image", "masks", ["last_hidden_state", "pooler_output"], mask="per_image", images=8),
        Run("without", "masks", ["last_hidden_state"], images=2),
        Run("larger", "masks", ["last_hidden_state", "pooler_output"], mask="random", image_size=(12, 16), images=2),
    ])  # fmt: skip
    yield Case("rectangular_model_of_square_number", MODEL, fields=dict(image_size=[4, 16]), runs=[
        Run("as_configured", "image_sizes", ["last_hidden_state", "pooler_output"], images=2),
        Run("square_with_as_many_patches", "interpolated_positions", ["last_hidden_state"], image_size=(8, 8)),
        Run("interpolated_as_configured", "interpolated_positions", ["last_hidden_state"], image_size=(4, 16)),
        Run("larger", "interpolated_positions", ["last_hidden_state"], image_size=(12, 20)),
    ])  # fmt: skip
    yield Case("partial_patch", CLASSIFIER, fields=dict(image_size=[11, 9]), runs=[
        Run("all", "partial_patches", ALL_CLASSIFIER),
        Run("logits", "partial_patches", ["logits"], images=3),
    ])  # fmt: skip


def losses():
    """Labels of every kind, the problem type said and guessed."""
    ask = ["logits", "loss"]
    yield Case("loss_single_label", CLASSIFIER, fields=dict(num_labels=5), runs=[
        Run("guessed", "losses", ask, images=3, labels="class"),
        Run("one_ignored", "losses", ask, images=3, labels="class_ignored"),
        Run("larger", "losses", ask, images=2, labels="class", image_size=(12, 12)),
    ])  # fmt: skip
    yield Case("loss_single_label_said", CLASSIFIER, runs=[Run("said", "losses", ask, images=3, labels="class")],
               fields=dict(num_labels=4, problem_type="single_label_classification"))  # fmt: skip
    yield Case("loss_multi_label", CLASSIFIER, fields=dict(num_labels=5), runs=[
        Run("guessed", "losses", ask, images=3, labels="truth")])  # fmt: skip
    yield Case("loss_multi_label_said", CLASSIFIER, runs=[Run("said", "losses", ask, images=2, labels="truth")],
               fields=dict(num_labels=3, problem_type="multi_label_classification"))  # fmt: skip
    yield Case("loss_regression", CLASSIFIER, fields=dict(num_labels=1), runs=[
        Run("guessed", "losses", ask, images=8, labels="value")])  # fmt: skip
    yield Case("loss_regression_said", CLASSIFIER, runs=[Run("one_target", "losses", ask, images=8, labels="value")],
               fields=dict(num_labels=1, problem_type="regression"))  # fmt: skip
    yield Case("loss_regression_many_targets", CLASSIFIER, runs=[Run("said", "losses", ask, images=3, labels="values")],
               fields=dict(num_labels=4, problem_type="regression"))  # fmt: skip
    yield Case("loss_masked", MASKED, fields=dict(encoder_stride=4), runs=[
        Run("random", "losses", ["reconstruction", "loss"], images=3, mask="per_image"),
        Run("everywhere", "losses", ["reconstruction", "loss"], mask="all"),
    ])  # fmt: skip
    yield Case("loss_masked_one_channel", MASKED, fields=dict(encoder_stride=2, patch_size=2, num_channels=1), runs=[
        Run("random", "losses", ["reconstruction", "loss"], images=2, mask="random")])  # fmt: skip


def configurations():
    """The quirks of config.json."""
    wide = dict(num_hidden_layers=1, hidden_size=16, num_attention_heads=2, intermediate_size=48)
    shapes = ["last_hidden_state", "hidden_states"]
    # Both where erf and tanh differ most (|x| about 2) and where only erf is exact (large |x|).
    yield Case("gelu", MODEL, wide=1.0, fields=dict(wide, pooler_act="gelu"), runs=[
        Run("all", "gelu", [*shapes, "pooler_output"], images=3)])  # fmt: skip
    for name in ACTIVATIONS + OTHER_ACTIVATIONS:
        requirement = "activations" if name in ACTIVATIONS else "other_activations"
        yield Case(f"activation_{name}", MODEL, wide=1.0, fields=dict(wide, hidden_act=name, pooler_act=name), runs=[
            Run("all", requirement, ["last_hidden_state", "pooler_output", "hidden_states"], images=2)])  # fmt: skip

    # The variance of what is normalised is about 0.1 * residual^2: of the size of eps, so that eps counts.
    for name, eps, residual in (
        ("eps_1e_12", 1e-12, 2.0**-18), ("eps_1e_6", 1e-6, 2.0**-8), ("eps_1e_5", 1e-5, 2.0**-6),
        ("eps_large", 0.5, 1.0),
    ):  # fmt: skip
        yield Case(name, CLASSIFIER, residual=residual, fields=dict(layer_norm_eps=eps), runs=[
            Run("all", "layer_norm_eps", ALL_CLASSIFIER, images=2),
            Run("logits", "layer_norm_eps", ["logits"]),
        ])  # fmt: skip
    # Of activations that hardly vary, eps is all there is to divide by.
    yield Case("eps_zero_variance", MODEL, residual=2.0**-30, fields=dict(layer_norm_eps=1e-6), runs=[
        Run("all", "layer_norm_eps", ["last_hidden_state", "pooler_output"], images=2)])  # fmt: skip

    yield Case("patch_14", CLASSIFIER, fields=dict(patch_size=14, image_size=28), runs=[
        Run("all", "patch_sizes", ["logits", "last_hidden_state"]),
        Run("larger", "patch_sizes", ["logits"], image_size=(42, 30)),
    ])  # fmt: skip
    yield Case("patch_14_stride_16", MASKED, fields=dict(
        patch_size=14, image_size=28, encoder_stride=16, num_channels=1), runs=[
        Run("plain", "encoder_stride", ["reconstruction"])])  # fmt: skip
    yield Case("patch_14_stride_14", MASKED, fields=dict(
        patch_size=14, image_size=28, encoder_stride=14, num_channels=1), runs=[
        Run("masked", "patch_sizes", ["reconstruction"], mask="random")])  # fmt: skip
    yield Case("patch_of_one_pixel", CLASSIFIER, fields=dict(patch_size=1, image_size=4), runs=[
        Run("all", "patch_sizes", ["logits", "last_hidden_state"])])  # fmt: skip
    yield Case("rectangular_patch", CLASSIFIER, fields=dict(image_size=[8, 18], patch_size=[4, 3]), runs=[
        Run("all", "patch_sizes", ALL_CLASSIFIER, images=2),
        Run("logits", "patch_sizes", ["logits"], images=3),
    ])  # fmt: skip
    yield Case("rectangular_patches_in_a_square", MODEL, mask_token=True, fields=dict(
        image_size=12, patch_size=[2, 6]), runs=[
        Run("masked", "patch_sizes", ["last_hidden_state"], mask="random", images=2)])  # fmt: skip
    yield Case("rectangular_image", CLASSIFIER, fields=dict(image_size=[8, 20]), runs=[
        Run("all", "image_sizes", ALL_CLASSIFIER, images=2),
        Run("logits", "image_sizes", ["logits"], images=3),
    ])  # fmt: skip
    yield Case("one_patch", CLASSIFIER, fields=dict(image_size=4), runs=[
        Run("all", "image_sizes", ALL_CLASSIFIER),
        Run("logits", "image_sizes", ["logits"]),
        Run("larger", "interpolated_positions", ["logits"], image_size=(12, 8)),
    ])  # fmt: skip

    for name, channels in (("one_channel", 1), ("five_channels", 5)):
        yield Case(name, CLASSIFIER, fields=dict(num_channels=channels), runs=[
            Run("all", "channels", ALL_CLASSIFIER, images=2),
            Run("logits", "channels", ["logits"]),
        ])  # fmt: skip
    yield Case("five_channels_masked", MASKED, fields=dict(num_channels=5, encoder_stride=4), runs=[
        Run("masked", "channels", ["reconstruction"], mask="random", images=2)])  # fmt: skip
    yield Case("no_qkv_bias", CLASSIFIER, fields=dict(qkv_bias=False), runs=[
        Run("all", "qkv_bias", ALL_CLASSIFIER, images=2),
        Run("logits", "qkv_bias", ["logits"]),
    ])  # fmt: skip
    yield Case("no_qkv_bias_masked", MASKED, fields=dict(qkv_bias=False, encoder_stride=4), runs=[
        Run("masked", "qkv_bias", ["reconstruction"], mask="random")])  # fmt: skip

    for name, heads in (("one_head", 1), ("heads_of_one", 12)):
        yield Case(name, CLASSIFIER, fields=dict(num_attention_heads=heads), runs=[
            Run("all", "attention_heads", ALL_CLASSIFIER),
            Run("logits", "attention_heads", ["logits"]),
        ])  # fmt: skip
    yield Case("odd_sizes", CLASSIFIER, fields=dict(
        hidden_size=35, num_attention_heads=5, intermediate_size=17, num_hidden_layers=3, image_size=15, patch_size=5,
        num_labels=3), runs=[
        Run("all", "attention_heads", ALL_CLASSIFIER),
        Run("logits", "attention_heads", ["logits"], images=3),
        Run("larger", "interpolated_positions", ["logits"], image_size=(25, 25)),
    ])  # fmt: skip
    yield Case("wider", CLASSIFIER, fields=dict(hidden_size=32, num_attention_heads=2, intermediate_size=64), runs=[
        Run("all", "attention_heads", ALL_CLASSIFIER),
        Run("logits", "attention_heads", ["logits"], images=3),
    ])  # fmt: skip

    yield Case("no_labels", CLASSIFIER, fields=dict(num_labels=0), runs=[
        Run("logits", "labels", ["logits"], images=3),
        Run("all", "labels", ALL_CLASSIFIER),
    ])  # fmt: skip
    yield Case("one_label", CLASSIFIER, fields=dict(num_labels=1), runs=[
        Run("logits", "labels", ["logits"], images=8),
        Run("all", "labels", ALL_CLASSIFIER, images=5),
    ])  # fmt: skip
    yield Case("many_labels", CLASSIFIER, fields=dict(num_labels=301), runs=[
        Run("logits", "labels", ["logits"], images=2)])  # fmt: skip

    for name, layers in (("one_layer", 1), ("three_layers", 3)):
        yield Case(name, CLASSIFIER, fields=dict(num_hidden_layers=layers), runs=[
            Run("logits", "layers", ["logits"], images=3),
            Run("all", "layers", ALL_CLASSIFIER),
        ])  # fmt: skip
    # transformers 5 hands out no hidden states of a model without layers.
    yield Case("no_layers", CLASSIFIER, fields=dict(num_hidden_layers=0), runs=[
        Run("logits", "no_layers", ["logits"], images=3),
        Run("all", "no_layers", ["logits", "last_hidden_state"]),
    ])  # fmt: skip

    yield Case("masked_other_stride", MASKED, fields=dict(encoder_stride=3, num_channels=1), runs=[
        Run("plain", "encoder_stride", ALL_MASKED, images=2)])  # fmt: skip
    yield Case("masked_larger_stride", MASKED, fields=dict(encoder_stride=5), runs=[
        Run("plain", "encoder_stride", ["reconstruction"], images=2),
        Run("larger", "encoder_stride", ["reconstruction"], image_size=(12, 12)),
    ])  # fmt: skip


def weights():
    """Types and names on disk."""
    yield Case("float16", CLASSIFIER, dtype="float16", runs=[
        Run("all", "float16_weights", ALL_CLASSIFIER, images=2),
        Run("logits", "float16_weights", ["logits"]),
        Run("larger", "float16_weights", ["logits"], image_size=(12, 12)),
    ])  # fmt: skip
    yield Case("float16_masked", MASKED, dtype="float16", fields=dict(encoder_stride=4), runs=[
        Run("masked", "float16_weights", ["reconstruction"], mask="random", images=2)])  # fmt: skip
    yield Case("bfloat16", MASKED, dtype="bfloat16", fields=dict(encoder_stride=4), runs=[
        Run("all", "bfloat16_weights", ALL_MASKED, mask="random")])  # fmt: skip
    yield Case("bfloat16_classifier", CLASSIFIER, dtype="bfloat16", runs=[
        Run("logits", "bfloat16_weights", ["logits"], images=2),
        Run("larger", "bfloat16_weights", ["logits", "hidden_states"], image_size=(12, 12)),
    ])  # fmt: skip
    yield Case("float64", MODEL, dtype="float64", runs=[
        Run("all", "float64_weights", ALL_MODEL)])  # fmt: skip
    yield Case("float64_classifier", CLASSIFIER, dtype="float64", runs=[
        Run("logits", "float64_weights", ["logits"], images=2)])  # fmt: skip
    ask = {
        CLASSIFIER: ["logits", "hidden_states"], MODEL: ["last_hidden_state", "pooler_output"],
        MASKED: ["reconstruction"],
    }  # fmt: skip
    for names, kinds in (
        ("transformers_4", (CLASSIFIER, MODEL, MASKED)),
        ("transformers_5", (CLASSIFIER, MODEL, MASKED)),
        ("without_prefix", (CLASSIFIER,)),
        ("with_prefix", (MODEL,)),
        ("gamma_beta", (CLASSIFIER,)),
    ):
        for kind in kinds:
            short = {CLASSIFIER: "classifier", MODEL: "model", MASKED: "masked"}[kind]
            yield Case(f"names_{names}_{short}", kind, names=names, fields=dict(encoder_stride=4), runs=[
                Run("plain", "parameter_names", ask[kind])])  # fmt: skip


def all_cases():
    """Every case once, in the order of the index."""
    cases = [*outputs(), *inputs(), *losses(), *configurations(), *weights()]
    assert len({case.name for case in cases}) == len(cases)
    return cases
