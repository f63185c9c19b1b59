"""How somebody makes a workload roll out without another version: as charts do when a configuration has changed."""

from __future__ import annotations

from hashlib import sha256

from aiops.core.entity import Entity
from aiops.core.target import Target

CHECKSUM = "checksum/config"
"""The annotation of a pod template in which charts write the digest of a configuration."""


async def roll_out(target: Target, workload: Entity, revision: int) -> None:
    """Begin a rollout; the annotation that does it is the digest of this revision."""
    digest = sha256(f"{workload}/{revision}".encode()).hexdigest()
    await target.patch(workload, {"spec": {"template": {"metadata": {"annotations": {CHECKSUM: digest}}}}}, "merge")
