"""The embedded encoder: text to a vector, on one thread, without torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pointsman.core.errors import ModelFileError
from pointsman.core.message import digest_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pointsman.tiers.encoder import Reading

MODEL_FILE = "minilm-l6-int8.onnx"
TOKENIZER_FILE = "minilm-tokenizer.json"
MANIFEST = "minilm.json"

# What a message wants stands in its first words and its last; these 36 tokens bound the time to about 4 ms.
HEAD_TOKENS, TAIL_TOKENS = 24, 12
# A passage that is searched for counts as a whole; the model was trained on this many tokens.
PASSAGE_TOKENS = 256

# The tiers and the slots look at one message one after the other; 55 kB each.
REMEMBERED = 16

REINSTALL = "reinstall Pointsman: pip install --force-reinstall pointsman"


def models_folder() -> Path:
    """Where the model files that come with Pointsman stand."""
    return Path(str(files("pointsman.models")))


def sha256_of(path: Path) -> str:
    """The hex digest of a file. Raises ModelFileError when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error}", cure=REINSTALL) from error


class MiniLm:
    """all-MiniLM-L6-v2 in int8 by ONNX Runtime: `encode` gives a unit vector of 384 float32.

    One message at a time: activations are quantised per call, so a vector would depend on
    the messages that share its batch. The files are opened at the first call.
    Source: sentence-transformers/all-MiniLM-L6-v2 (Wang et al., MiniLM, 2020), Apache-2.0.
    """

    name = "minilm-l6-int8"
    dimensions = 384

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        self._folder = folder or models_folder()
        self._threads = threads
        self._latest: OrderedDict[bytes, Reading] = OrderedDict()

    @cached_property
    def fingerprint(self) -> str:
        """Names the model and the tokenizer by their digests; vectors of different fingerprints never meet.

        The digests are the manifest's word: 23 MB are not hashed at every start. `pointsman doctor`
        holds the files against them. Raises ModelFileError.
        """
        digests = self.manifest["files"]
        return f"{self.name}-{digests[MODEL_FILE][:12]}-{digests[TOKENIZER_FILE][:12]}"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the encoder was made from, and under "files" each file's SHA-256 in hex. Raises ModelFileError."""
        path = self._folder / MANIFEST
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelFileError(f"{path}: the encoder's manifest cannot be read: {error}", cure=REINSTALL) from error
        digests = manifest.get("files") if isinstance(manifest, dict) else None
        if not isinstance(digests, dict) or not all(
            isinstance(digests.get(name), str) for name in (MODEL_FILE, TOKENIZER_FILE)
        ):
            raise ModelFileError(f"{path}: the encoder's manifest names no digests of its files", cure=REINSTALL)
        return manifest

    @cached_property
    def _session(self) -> Any:
        # Set before the import: since 1.29 the runtime reports to its maker from Linux too, and writes
        # a device id into the home. Nothing leaves the machine here; its own switch comes too late.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        path = self._folder / MODEL_FILE
        if not path.is_file():
            raise ModelFileError(f"{path}: the encoder's file is missing", cure=REINSTALL)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Spinning threads burn a core between messages; arenas keep the peak of the longest message for ever.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False  # a plan for every length of text: 4 MB, and no faster
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelFileError(f"{path}: the encoder cannot be loaded: {error}", cure=REINSTALL) from error

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        path = self._folder / TOKENIZER_FILE
        try:
            return Tokenizer.from_file(str(path))
        except Exception as error:
            raise ModelFileError(f"{path}: the tokenizer cannot be loaded: {error}", cure=REINSTALL) from error

    def legible(self, text: str) -> bool:
        """Whether at most half of a text's tokens are unknown; to this vocabulary all emoji are the same word."""
        if text.isascii():
            return True
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids.count(self._unknown) * 2 <= len(ids)

    @cached_property
    def _unknown(self) -> int:
        return int(self._tokenizer.token_to_id("[UNK]"))

    def encode(self, text: str) -> NDArray[np.float32]:
        """The unit vector of a text, float32 [384]; the middle of a long text is left out."""
        return self.read(text).vector

    def passage(self, text: str) -> tuple[NDArray[np.float32], int]:
        """The unit vector of a passage, float32 [384], and how many of its tokens were read: 256 at most."""
        read = self._pass(text, PASSAGE_TOKENS, 0)
        return read.vector, len(read.spans)

    def read(self, text: str) -> Reading:
        """The text's vector, gist and token states; the middle of a long text is left out."""
        key = digest_of(text)
        known = self._latest.get(key)
        if known is None:
            known = self._latest[key] = self._pass(text)
            if len(self._latest) > REMEMBERED:
                self._latest.popitem(last=False)
        return known

    def _pass(self, text: str, head: int = HEAD_TOKENS, tail: int = TAIL_TOKENS) -> Reading:
        import numpy as np

        from pointsman.tiers.encoder import Reading

        encoding = self._tokenizer.encode(text)
        ids, spans = encoding.ids, encoding.offsets
        if (over := len(ids) - head - tail) > 0:
            ids = ids[:head] + ids[head + over :]
            spans = spans[:head] + spans[head + over :]
        tokens = np.array([ids], dtype=np.int64)
        (hidden,) = self._session.run(None, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        states: NDArray[np.float32] = hidden[0]
        mean: NDArray[np.float32] = states.mean(axis=0)
        return Reading(mean / np.linalg.norm(mean), states[0], states, tuple(spans))
