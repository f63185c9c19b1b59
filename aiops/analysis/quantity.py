"""Numbers written as Kubernetes quantities."""

from __future__ import annotations

MEBIBYTE = 1024 * 1024


def memory(size: float) -> str:
    """Bytes as whole mebibytes, rounded up."""
    return f"{-(-int(size) // MEBIBYTE)}Mi"


def cpu(cores: float) -> str:
    """Cores as whole millicores, at least one."""
    return f"{max(round(cores * 1000), 1)}m"
