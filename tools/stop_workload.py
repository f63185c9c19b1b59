"""A workload that others suffer from, stopped until its owners say otherwise."""

from __future__ import annotations

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

STOPPED = {
    "CronJob": {"spec": {"suspend": True}},
    "Deployment": {"spec": {"replicas": 0}},
    "Job": {"spec": {"suspend": True}},
    "StatefulSet": {"spec": {"replicas": 0}},
}
"""What a kind is told to run no more; what it has written stays."""


@tool(effect="changes", risk=Risk.HIGH, needs=rules(("get", "patch"), *STOPPED))
async def stop_workload(ctx: Context, workload: EntityArg) -> list[Edit]:
    """Scale a Deployment or StatefulSet to zero, or suspend a Job or CronJob: its pods end, nothing is deleted.

    The work of a Job's running pods is lost; it begins anew when the Job goes on."""
    await read_target(ctx, workload, tuple(STOPPED), "workload")
    return [PatchEdit(target=workload, patch_type="merge", body=STOPPED[workload.kind])]
