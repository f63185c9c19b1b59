"""What a missing program makes the tests skip is told at the end of a run, and is a failure in CI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent / "conftest.py"
MARKED = """
import pytest

@pytest.mark.skipif(True, reason="kubectl is not on the PATH")
def test_marked(): ...

def test_inside():
    pytest.skip("no browser")

def test_runs(): ...
"""
WHOLE_FILE = """
import pytest

pytest.importorskip("no_such_module")
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_marked.py").write_text(MARKED)
    (tmp_path / "test_whole_file.py").write_text(WHOLE_FILE)
    return tmp_path


def _run(suite: Path, ci: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:langsmith_plugin", "-p", "no:cacheprovider"]
    command += ["--continue-on-collection-errors"]
    environment = {**os.environ, "CI": ci}
    return subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_skips_are_told_at_the_end(suite: Path) -> None:
    run = _run(suite, "")
    assert run.returncode == 0, run.stdout
    assert "1 passed, 3 skipped" in run.stdout
    told = run.stdout.partition("short test summary info")[2]
    assert all(reason in told for reason in ("kubectl is not on the PATH", "no browser", "no_such_module"))


def test_a_skip_is_a_failure_in_ci(suite: Path) -> None:
    run = _run(suite, "true")
    assert run.returncode != 0
    assert "skipped" not in run.stdout.splitlines()[-1]
    for name in ("test_marked.py::test_marked", "test_marked.py::test_inside", "test_whole_file.py"):
        assert re.search(rf"{name} was skipped in CI", run.stdout), run.stdout
