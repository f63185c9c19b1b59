"""kubectl as one user, for tests: what it prints, or its complaint."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class KubectlError(Exception):
    """kubectl ended with a code other than 0; the message is what it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """Runs kubectl with one kubeconfig."""

    kubeconfig: Path

    def run(self, *arguments: str, text: str = "", seconds: float = 60) -> str:
        """Standard output of `kubectl ARGUMENTS`, which reads `text`. Raises `KubectlError`."""
        command = ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=seconds)
        if done.returncode:
            raise KubectlError(done.stderr.strip())
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The same, parsed, with `-o json`."""
        return json.loads(self.run(*arguments, "-o", "json"))

    def apply(self, *manifests: dict[str, Any]) -> str:
        """`kubectl apply` of these objects."""
        return self.run("apply", "-f", "-", text=_listed(manifests))

    def create(self, *manifests: dict[str, Any]) -> str:
        """`kubectl create` of these objects."""
        return self.run("create", "-f", "-", text=_listed(manifests))

    def delete(self, *manifests: dict[str, Any]) -> str:
        """`kubectl delete` of these objects, whether they are there or not; what hangs on them goes by and by."""
        return self.run("delete", "--ignore-not-found", "--wait=false", "-f", "-", text=_listed(manifests))

    def wait(self, condition: str, *what: str, seconds: int = 60) -> None:
        """Return once `kubectl wait --for=CONDITION` says so. Raises `KubectlError` when it did not in time."""
        self.run("wait", f"--for={condition}", *what, f"--timeout={seconds}s", seconds=seconds + 30)


def _listed(manifests: tuple[dict[str, Any], ...]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
