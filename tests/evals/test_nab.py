from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from aiops.core.clock import rfc3339
from aiops.core.errors import InvalidInputError
from aiops.evals.nab import read
from aiops.evals.running import run

START = 1_700_000_000.0


def _stamp(sample: int) -> str:
    return rfc3339(START + 300 * sample).replace("T", " ").rstrip("Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two series, the first with an anomaly from sample 400 to 440, the second without."""
    rng = np.random.default_rng(0)
    (tmp_path / "data" / "toy").mkdir(parents=True)
    for name, extra in (("odd", 8.0), ("calm", 0.0)):
        values = rng.normal(10, 1, 600)
        values[400:441] += extra
        rows = [f"{_stamp(i)},{value:.3f}" for i, value in enumerate(values)]
        (tmp_path / "data" / "toy" / f"{name}.csv").write_text("\n".join(["timestamp,value", *rows]))
    windows = {"toy/odd.csv": [[_stamp(400), _stamp(440)]], "toy/calm.csv": []}
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(windows))
    return tmp_path


def test_labels_are_the_samples_within_a_window(folder: Path) -> None:
    calm, odd = read(folder)
    assert not calm.labels.any()
    assert np.flatnonzero(odd.labels).tolist() == list(range(400, 441))


def test_figures_stand_beside_those_of_others(folder: Path) -> None:
    result = run("nab", folder)
    ours = result["ours"]
    assert ours["vus_pr"] > 0.9 > 0.5 > result["random"]["vus_pr"]
    assert (ours["series"], ours["windows_met"], ours["intervals_right"]) == (1, 1.0, 1.0)
    assert result["oracle_single"]["vus_pr"] >= result["best_single"]["vus_pr"]
    assert result["best_single"]["method"] in result["vus_pr_by_method"]
    assert set(result["vus_pr_by_period"]) == {"newest", "recycled", "oracle"}
    assert set(result["by_series"]) == {"toy/odd.csv"}


@pytest.mark.parametrize("text", ["{", "{}"])
def test_damaged_labels_are_refused_or_empty(folder: Path, text: str) -> None:
    (folder / "labels" / "combined_windows.json").write_text(text)
    if text == "{}":
        assert read(folder) == []
    else:
        with pytest.raises(InvalidInputError, match="is no JSON"):
            read(folder)
