"""How wide lines are."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support import forked


def test_a_table_in_a_pipe_has_whole_lines(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    listed = forked.run("fault", "list", directory=tmp_path, environment=environment).out.splitlines()
    (row,) = [line for line in listed if "wrong_target_port" in line]
    assert "config.target_port" in row
    assert row.rstrip().endswith(".")
    narrow = forked.run("fault", "list", directory=tmp_path, environment={**environment, "COLUMNS": "60"}).out
    assert max(map(len, narrow.splitlines())) <= 60
