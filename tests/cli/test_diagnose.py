"""`aiops diagnose` and `aiops eval` as commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.recordings import record


def aiops(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aiops.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def test_one_case_many_cases_and_a_broken_one(tmp_path: Path) -> None:
    drawn = record(1, "cpu", minutes=10, requests=0.2)
    drawn.write(tmp_path / "good")
    one = aiops("diagnose", str(tmp_path / "good"), "--json")
    assert one.returncode == 0
    assert json.loads(one.stdout)["root_causes"][0]["entity"] == drawn.root
    shown = aiops("diagnose", str(tmp_path / "good"))
    assert f"1. {drawn.root}" in shown.stdout
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "case.yaml").write_text("onset: soon\n")
    bad = aiops("diagnose", str(tmp_path / "bad"), "--json")
    assert bad.returncode == 2
    assert bad.stderr.count("\n") == 1
    assert "case.yaml" in bad.stderr
    many = aiops("diagnose", "--many", str(tmp_path), "--json")
    assert many.returncode == 1
    first, second = map(json.loads, many.stdout.splitlines())
    assert (first["case"], "error" in first) == ("bad", True)
    assert second["root_causes"][0]["entity"] == drawn.root


def test_evaluations_are_listed_and_say_where_their_data_are(tmp_path: Path) -> None:
    listed = aiops("eval", "list")
    assert listed.returncode == 0
    assert "petshop" in listed.stdout
    missing = aiops("eval", "petshop", "--data", str(tmp_path), "--json")
    assert missing.returncode == 2
    assert "https://" in missing.stderr
    assert aiops("eval", "petshop").returncode == 2
