"""What of a pod may change (`ValidatePodUpdate`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value
from aiops.lab.kube.kinds.checks.formats import in_range

Spec = dict[str, Any]

_LONGEST = 2**31 - 1
_MUTABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)


def pod_update(new: Manifest, old: Manifest) -> Iterator[Cause]:
    """Every change that a pod's owner can't make; the node is set by a binding alone."""
    now, before = new["spec"], old["spec"]
    for field in ("containers", "initContainers"):
        if len(now.get(field) or ()) != len(before.get(field) or ()):
            yield forbidden(f"spec.{field}", "pod updates may not add or remove containers")
            return
    wrong = _deadline(now.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds"))
    if wrong:
        yield wrong
        if now.get("activeDeadlineSeconds") is not None:
            return
    yield from _tolerations(now.get("tolerations") or [], before.get("tolerations") or [])
    known = {gate.get("name") for gate in before.get("schedulingGates") or ()}
    for index, gate in enumerate(now.get("schedulingGates") or ()):
        if gate.get("name") not in known:
            why = f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'"
            yield forbidden(f"spec.schedulingGates[{index}].name", why)
    if _fixed(now, before) != _fixed(before, before):
        yield forbidden("spec", f"pod updates may not change fields other than {','.join(_MUTABLE)}")


def _deadline(now: int | None, before: int | None) -> Cause | None:
    path = "spec.activeDeadlineSeconds"
    if now is None:
        why = "must not update from a positive integer to nil value"
        return None if before is None else invalid_value(path, None, why)
    if not 0 <= now <= _LONGEST:
        return invalid_value(path, now, in_range(0, _LONGEST))
    if before is not None and before < now:
        return invalid_value(path, now, "must be less than or equal to previous value")
    return None


def _tolerations(now: list[Spec], before: list[Spec]) -> Iterator[Cause]:
    kept = [_without_seconds(item) for item in now]
    if any(_without_seconds(item) not in kept for item in before):
        why = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden("spec.tolerations", why)


def _without_seconds(toleration: Spec) -> Spec:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}


def _fixed(spec: Spec, before: Spec) -> Spec:
    """The parts that stay as they are; a gated pod may still be told where to run."""
    mutable = {"activeDeadlineSeconds", "tolerations", "schedulingGates", "containers", "initContainers"}
    if (before.get("terminationGracePeriodSeconds") or 0) < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        mutable.add("terminationGracePeriodSeconds")
    if before.get("schedulingGates"):
        mutable |= {"nodeSelector", "affinity"}
    fixed = {key: value for key, value in spec.items() if key not in mutable}
    for field in ("containers", "initContainers"):
        fixed[field] = [{k: v for k, v in item.items() if k != "image"} for item in spec.get(field) or ()]
    return fixed
