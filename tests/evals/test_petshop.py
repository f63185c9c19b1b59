"""A shop of three services in PetShop's layout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from aiops.evals.cases.petshop import read_petshop
from aiops.evals.petshop import normal_windows
from aiops.evals.running import run

NODES = ("site", "search", "pay")
COLUMNS = [(n, *m) for n in NODES for m in (("latency", "Average"), ("availability", "Average"), ("requests", "Sum"))]


def table(path: Path, start: float, rows: int, slow: str = "", seed: int = 0) -> None:
    """Rows of 5 minutes; from the third on `slow` and the site are slower."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    heads = [
        [word, *(column[i] for column in COLUMNS)] for i, word in enumerate(("microservice", "metric", "statistic"))
    ]
    lines = [",".join(head) for head in heads] + ["unix_timestamp" + "," * len(COLUMNS)]
    for row in range(rows):
        extra = 0.05 if slow and row >= 2 else 0.0
        values = []
        for node, metric, _ in COLUMNS:
            if metric == "latency":
                values.append(0.1 + 0.002 * rng.standard_normal() + (extra if node in (slow, "site") else 0.0))
            else:
                values.append(100.0 if metric == "availability" else float(rng.poisson(400)))
        lines.append(",".join([str(start + 300 * row), *map(str, values)]))
    path.write_text("\n".join(lines) + "\n")


def dataset(folder: Path) -> Path:
    root = folder / "low_traffic"
    table(root / "noissue" / "metrics.csv", 2e9, 152)
    (root / "graph.csv").write_text(",site,search,pay\nsite,0,1,1\nsearch,0,0,0\npay,0,0,0\n")
    for number, (split, cause) in enumerate((("train", "search"), ("test", "pay"), ("test", "search"))):
        issue = root / split / f"issue_{number}"
        table(issue / "metrics.csv", 1e9, 5, cause, seed=number + 1)
        said = {"target": {"node": "site", "metric": "latency"}, "root_cause": {"node": cause, "metric": None}}
        (issue / "target.json").write_text(json.dumps(said))
    return folder


def test_the_layout_is_read(tmp_path: Path) -> None:
    (found,) = read_petshop(dataset(tmp_path))
    assert found.calls == (("site", "search"), ("site", "pay"))
    assert found.normal is not None
    assert found.normal.values.shape == (152, 9)
    assert [issue.root for issue in found.issues["test"]] == ["pay", "search"]


def test_normal_windows_are_disjoint_and_leave_themselves_out(tmp_path: Path) -> None:
    (found,) = read_petshop(dataset(tmp_path))
    windows = list(normal_windows(found))
    assert len(windows) == 30
    for case in windows:
        assert case.samples is not None
        assert np.sum(case.samples.time >= case.baseline_end) == 5 * 9
        assert np.sum(case.samples.time < case.baseline_end) == 147 * 9


def test_the_figures(tmp_path: Path) -> None:
    found = run("petshop", dataset(tmp_path))
    assert found["ours"]["top1"] == 1.0
    assert found["ours"]["specificity"] >= 0.9
    assert (found["ours"]["cases"], found["train"]["cases"], found["test"]["cases"]) == (3, 1, 2)
    assert {"published", "random", "naive"} <= set(found)
    assert found["random"]["top1"] == 0.3333
