"""What stands in files and options, or comes from outside, is refused in one line or shown harmlessly."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from aiops.cli.rig import LabAddress
from aiops.cli.terminal import visible_values
from aiops.cli.timeline import Timeline
from aiops.core.errors import ConfigurationError
from tests.support import forked
from tests.support.hostile import STEERING


def _refused(*arguments: str, **environment: str) -> str:
    """Run a command that must fail in one line; gives the line."""
    ended = forked.run(*arguments, environment=environment)
    assert ended.code == 2
    assert "Traceback" not in ended.err
    return ended.err


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


@pytest.mark.parametrize("text", STEERING)
def test_no_text_from_outside_steers_the_terminal(text: str) -> None:
    out = StringIO()
    timeline = Timeline(Console(file=out, force_terminal=False, width=200))
    for kind in ("signal", "note", "report"):
        timeline.show({"kind": kind, "at": 0.0, "actor": text, "text": text, "data": {text: text}})
    assert STEERING[text] in out.getvalue().replace("\\\\", "\\")
    assert not [c for c in text if not c.isprintable() and c in out.getvalue()]


def test_what_is_visible_stays() -> None:
    value = {"diff": "-a\n+b\tc", "n": [1, None, "ü"]}
    assert visible_values(value) == value
    assert visible_values(["\x1b"]) == ["\\x1b"]


PORTS = [("page", "99999"), ("page", "-1"), ("serve", "99999")]


@pytest.mark.parametrize(("command", "port"), PORTS)
def test_a_port_that_cannot_be_is_refused(tmp_path: Path, command: str, port: str) -> None:
    assert "--port" in _refused(command, "--port", port, AIOPS_STATE_DIR=str(tmp_path))


def test_a_page_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    state = {"AIOPS_STATE_DIR": str(tmp_path / "state")}
    assert f"the folder {file} cannot be used" in _refused("page", "--port", "0", AIOPS_STATE_DIR=str(file))
    assert "the address to listen on is empty" in _refused("page", "--host", "", **state)
    assert "host" in _refused("page", AIOPS_HOST="", **state)
    assert "--as: a name has 1 to 200 characters, not 201" in _refused("page", "--as", "x" * 201, **state)
    assert "--as" in _refused("page", "--as", " ", **state)


@pytest.mark.parametrize("namespace", ["No Such", "a/b", "-a", "x" * 64])
def test_what_is_no_namespace_is_refused_before_anything_is_read(namespace: str) -> None:
    for command in (("scan",), ("ask", "which pods are failing?"), ("fault", "inject", "wrong_target_port")):
        assert "is no namespace" in _refused(*command, f"--namespace={namespace}")
