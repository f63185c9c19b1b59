"""What the runtime says of a process that it could not start."""

from __future__ import annotations

import re

from aiops.core.entity import Manifest

REASONS = frozenset({"StartError", "RunContainerError", "ContainerCannotRun", "CreateContainerError"})

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit codes of shells."""

ARCHITECTURE = re.compile(r"exec format error", re.IGNORECASE)
COMMAND = re.compile(
    r"executable file not found|no such file or directory|not a directory|is a directory|permission denied|"
    r"no command specified|chdir to cwd",
    re.IGNORECASE,
)


def start_failure(status: Manifest) -> str:
    """What the runtime says of a process that it could not start, or a shell that found no command; else empty."""
    for kind, key in (("waiting", "state"), ("terminated", "state"), ("terminated", "lastState")):
        told = status.get(key, {}).get(kind) or {}
        message = str(told.get("message", ""))
        if told.get("reason") in REASONS and (ARCHITECTURE.search(message) or COMMAND.search(message)):
            return f"{told['reason']}: {message}"
        if kind == "terminated" and told.get("exitCode") in (NOT_FOUND, NOT_EXECUTABLE):
            return f"exit code {told['exitCode']}: {message}".rstrip(": ")
    return ""
