"""Vectors of the encoder that is built in, for model "auto"."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from tests.http.openai.speaking import config_of, gateway

TEXTS = ["a red fox in the snow", "the fox is red, the snow is white", "quarterly tax return"]
ODD: Sequence[dict[str, Any]] = (
    {"input": [1, 2, 3]},
    {"input": [[1, 2], [3]]},
    {"input": []},
    {"input": {"a": 1}},
    {"input": "x", "dimensions": 100},
    {"input": "x", "encoding_format": "int8"},
)


async def test_vectors_of_auto_tell_what_is_alike(tmp_path: Path) -> None:
    async with gateway(config_of(tmp_path)) as client:
        packed = await client.embeddings.create(model="auto", input=TEXTS)
        plain = await client.embeddings.create(model="auto", input=TEXTS[0], encoding_format="float", dimensions=384)
        for said in ODD:
            asked: Any = {"model": "auto", **said}
            with pytest.raises(openai.BadRequestError) as caught:
                await client.embeddings.create(**asked)
            assert str(caught.value.param).split(".")[0] in said
        with pytest.raises(openai.BadRequestError) as none:
            await client.embeddings.create(model="smollm2-135m-instruct", input="x")
    fox, snow, tax = (np.array(it.embedding) for it in packed.data)
    assert np.allclose(fox, plain.data[0].embedding)
    assert len(fox) == 384
    assert np.linalg.norm(fox) == pytest.approx(1, abs=1e-5)
    assert fox @ snow > 0.5 > fox @ tax
    assert [it.index for it in packed.data] == [0, 1, 2]
    assert packed.usage.total_tokens > 20
    assert "makes no vectors" in none.value.message
