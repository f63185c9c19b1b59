"""What stands in files and options, or comes from outside, is refused in one line or shown harmlessly."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from aiops.cli.rig import LabAddress
from aiops.cli.terminal import harmless
from aiops.cli.timeline import Timeline
from aiops.core.errors import ConfigurationError

EVIL = "\x1b[2J\x1b]0;x\x07\x9b31m\u202eevil\r"


def _refused(*arguments: str, **environment: str) -> str:
    """Run a command that must fail in one line; gives the line."""
    command = [sys.executable, "-m", "aiops.cli.main", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    return run.stderr


@pytest.mark.parametrize("text", ["{", "[]", '{"addresses": {}}', "\udcff"])
def test_a_damaged_lab_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "lab.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError, match=r"lab\.json.*start the lab again"):
        LabAddress.read(tmp_path)


@pytest.mark.parametrize("option", [("--speed", "-1"), ("--speed", "inf"), ("--speed", "nan"), ("--history", "-5")])
def test_a_lab_refuses_what_is_no_speed_or_history(tmp_path: Path, option: tuple[str, str]) -> None:
    assert option[0] in _refused("lab", "up", "--dir", str(tmp_path / "lab"), *option)


def test_a_server_without_its_clock_or_with_damaged_files_ends_in_one_line(tmp_path: Path) -> None:
    config, state = tmp_path / "kubeconfig", tmp_path / "state"
    state.mkdir()
    common = {"AIOPS_KUBECONFIG": str(config), "AIOPS_STATE_DIR": str(state), "AIOPS_PORT": "0"}
    config.write_text("just text")
    assert f"kubeconfig {config}" in _refused("serve", **common)
    assert "clock" in _refused("serve", **common, AIOPS_CLOCK_URL="http://127.0.0.1:1")
    (tmp_path / "bad.toml").write_text("x = [")
    assert "no TOML" in _refused("serve", **common, AIOPS_CONFIG=str(tmp_path / "bad.toml"))


def test_no_text_from_outside_steers_the_terminal() -> None:
    out = StringIO()
    timeline = Timeline(Console(file=out, force_terminal=False, width=100))
    for kind in ("signal", "note", "report"):
        timeline.show({"kind": kind, "at": 0.0, "actor": EVIL, "text": EVIL, "data": {}})
    assert "evil" in out.getvalue()
    assert not set(EVIL.replace("evil", "")) & set(out.getvalue()) & set("\x1b\x07\x9b\u202e\r")


def test_what_is_harmless_stays() -> None:
    value = {"diff": "-a\n+b\tc", "n": [1, None, "ü"]}
    assert harmless(value) == value
    assert harmless(["\x1b"]) == ["\\x1b"]
