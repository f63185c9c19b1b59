"""A Service's selector back to its pods."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.patch_service import patch_service


@remedy(Mechanism.CONFIG_SELECTOR)
async def selector(case: RemedyCase) -> list[Proposal]:
    """Set the one key of the selector that differs from the labels of the workload that was meant."""
    service, wanted = case.cause.subject, case.cause.wanted
    if not isinstance(service, Entity) or not isinstance(wanted, dict):
        return []
    found = case.state.find("Service", service.namespace, service.name) or {}
    now = found.get("spec", {}).get("selector") or {}
    differing = sorted(key for key in now.keys() | wanted.keys() if now.get(key) != wanted.get(key))
    if len(differing) != 1:
        return []
    key = differing[0]
    step = f"[{key}]" if "." in key or "/" in key else f".{key}"
    reason = f"No pod has {key}={now.get(key)}; those that {service} was meant for have {wanted.get(key)}."
    effect = f"{service} has endpoints again."
    arguments = {"service": service, "path": f"spec.selector{step}", "value": wanted.get(key)}
    return [case.propose(patch_service, service, reason, effect, **arguments)]
