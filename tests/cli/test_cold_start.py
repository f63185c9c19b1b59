"""Commands in a process of their own, which has imported nothing yet: the other tests run them in forks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOWHERE = "no-such-kubeconfig"
COMMANDS = {
    "scan": f"{NOWHERE} is no file",
    "connect": f"{NOWHERE} is no file",
    "ask why": f"{NOWHERE} is no file",
    "serve": f"{NOWHERE} is no file",
    "incident list": "start one with 'aiops serve'",
    "model check": "no model is configured",
    "notify test": "set webhook_url",
    "runbook show memory-limits": "did you mean memory-limit",
    "fault inject wrong_port": "start one with 'aiops lab up'",
    "bench run --agent supervisr": "did you mean supervisor",
    "page --port 99999": "--port",
}
"""Each command, with what it says in a folder where there is nothing."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_starts_and_says_what_it_misses(command: str, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AIOPS_")}
    run = subprocess.run(
        [sys.executable, "-m", "aiops.cli.main", *command.split()],
        env={**clean, "AIOPS_KUBECONFIG": NOWHERE},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in run.stderr
    assert (run.returncode, COMMANDS[command] in run.stderr) == (2, True), run.stderr
