"""Recordings: what a real control plane answered to a script, normalised; one JSON file for each script."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.conformance.normalise import Normaliser
from tests.conformance.player import Played
from tests.conformance.script import Script

RECORDINGS = Path(__file__).parent / "recordings"
CALLS = ("request", "watch")
"""Kinds of steps that count as API calls; waits and states come on top."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers to a script, with the versions of the server and of kubectl that gave them."""

    kubernetes: str
    kubectl: str
    steps: list[dict[str, Any]]

    @property
    def needs(self) -> str:
        """The minor version of kubectl that it takes to get the same answers (`v1.32`); empty where none is asked."""
        return _minor(self.kubectl) if self.count("kubectl") else ""

    def count(self, *kinds: str) -> int:
        """How many of its steps are of these kinds."""
        return sum(any(kind in step["asked"] for kind in kinds) for step in self.steps)


def another_kubectl(recording: Recording) -> str:
    """Why a recording cannot be compared here; empty where it can. What kubectl prints differs between its versions."""
    if not recording.needs:
        return ""
    if shutil.which("kubectl") is None:
        return "kubectl is not on the PATH"
    if recording.needs == _minor(kubectl_version()):
        return ""
    return f"kubectl {kubectl_version()} is here, and the recording was made with {recording.kubectl}"


def path_of(name: str) -> Path:
    """Where the recording of the script AREA/NAME lies."""
    return RECORDINGS / f"{name}.json"


def load_recording(name: str) -> Recording:
    """The recording of a script. Raises `OSError` where there is none, `ValueError` where it is no recording."""
    content = json.loads(path_of(name).read_text())
    return Recording(content["kubernetes"], content["kubectl"], content["steps"])


def save_recording(name: str, recording: Recording) -> bool:
    """Write it; returns whether it says something else than the file before."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"kubernetes": recording.kubernetes, "kubectl": recording.kubectl, "steps": recording.steps}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if path.exists() and path.read_text() == text:
        return False
    path.write_text(text)
    return True


def steps_of(script: Script, played: list[Played]) -> list[dict[str, Any]]:
    """The steps with their normalised answers, as a recording holds them."""
    normalise = Normaliser(script.text, nodes_shown=script.nodes_shown)
    shown = [
        {"id": each.step.id, "asked": each.step.asked(), "answer": normalise(each.step, each.answer)} for each in played
    ]
    # through JSON: what is read from a file must equal what was just made
    content: list[dict[str, Any]] = json.loads(json.dumps(shown, sort_keys=True))
    return content


@cache
def kubectl_version() -> str:
    """The version of kubectl here (`v1.32.4`)."""
    done = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, check=True)
    return str(json.loads(done.stdout)["clientVersion"]["gitVersion"]).partition("-")[0]


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
