"""The table of confidence is learnt from lines: it rises, and says how often was right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.rootcause.from_evidence.calibrated import TABLE, calibrated, weight_of
from aiops.bench.calibrating import claims, main, table


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_shares_rise_and_all_claims_are_counted(pairs: list[tuple[float, bool]]) -> None:
    rows = table([weight for weight, _ in pairs], [right for _, right in pairs])
    shares = [share for _, share, _ in rows]
    assert shares == sorted(shares)
    assert all(0 < share < 1 for share in shares)
    assert sum(count for *_, count in rows) == len(pairs)


def test_what_is_right_more_often_is_found() -> None:
    drawn = np.random.default_rng(1).random(2000)
    right = (np.random.default_rng(2).random(2000) < drawn**2).tolist()
    rows = table(drawn.tolist(), right)
    assert all(abs(share - weight**2) < 0.15 for weight, share, _ in rows)


@given(st.floats(0, 0.98))
def test_weights_and_probabilities_are_told_from_each_other(weight: float) -> None:
    assert weight_of(calibrated(weight)) == pytest.approx(weight, abs=1e-6)


def test_the_table_rises() -> None:
    for column in zip(*TABLE, strict=True):
        assert list(column) == sorted(set(column))


def test_lines_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"confidence": 0.9, "right": True},
        {"confidence": None, "right": None},
        {"confidence": 0.5, "right": False},
    ]
    file = tmp_path / "run.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    assert claims([file]) == [(0.9, True), (0.5, False)]
    main([str(file)])
    assert "2 claims" in capsys.readouterr().out
