"""A model of random weights fills in the form of an opinion: its grammar lets it say nothing else."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from aiops.agents.second_opinion.asking import second_opinion
from aiops.clients.models.budget import Budget
from aiops.clients.models.local import LocalModel
from aiops.core.clock import VirtualClock
from tests.agents.test_second_opinion import CLOSE, SEEN

pytest.importorskip("gguf")


@pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra 'local' is missing")
async def test_nonsense_cannot_do_harm(tmp_path: Path) -> None:
    from tests.support.tiny_gguf import write_tiny_gguf

    confidences = {cause.subject: cause.confidence for cause in CLOSE.root_causes}
    for seed in range(2):
        model = LocalModel(write_tiny_gguf(tmp_path / f"tiny-{seed}.gguf", seed), context=4096)
        try:
            result = await second_opinion(CLOSE, SEEN, model, Budget(20_000), VirtualClock(0.0))
        finally:
            await model.close()
        assert result is not None
        assert result.usage.tokens_in > 0
        assert (result.model, result.diagnosis.fault) == (f"tiny-{seed}", True)
        assert {cause.subject: cause.confidence for cause in result.diagnosis.root_causes} == confidences
        assert not result.order or sorted(result.order) == [1, 2, 3]
        assert all(set(sentence.cites) <= {item.id for item in SEEN} for sentence in result.explanation)
