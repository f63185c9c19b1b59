"""Fault: a store has a new password, and its clients were not restarted."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from random import Random
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotFoundError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.environment import KeyUse
from aiops.faults.kit.passwords import readers, shared_passwords
from aiops.faults.kit.rolling import roll_out
from aiops.faults.kit.workloads import original, pods_of, restart
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


async def _present(target: Target, before: Before, use: KeyUse, revision: int) -> bool:
    """No client may run that was started with the old password, unless that is the password again."""
    if (await target.get(use.source))["data"].get(use.key) == original(before, use.source)["data"][use.key]:
        return False
    return any([await _runs_on(target, before, pod) for pod in before if pod.kind == "Pod"])


async def _other_fix(target: Target, before: Before, use: KeyUse, revision: int) -> None:
    """The clients are restarted, and read the new password."""
    for client in await _clients(target, use):
        await restart(target, await target.get(client))


@fault(
    Mechanism.AUTH_CREDENTIAL,
    entities=("Secret",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    cure="restart",
    tags=frozenset({"kubernetes", "security"}),
)
async def rotated_secret(
    target: Target,
    use: Annotated[KeyUse, choose("a password that a workload and its store share", shared_passwords, KeyUse.parse)],
    revision: Annotated[int, whole(2, 400)],
) -> GroundTruth:
    """A store's password is rotated and the store restarted, but not its clients: the store refuses what they know."""
    rng = Random(f"{use}/{revision}")
    password = "".join(rng.choice(_LETTERS) for _ in range(16))
    for client in await _clients(target, use):
        for pod in await pods_of(target, await target.get(client)):
            await target.get(Entity.of({**pod, "kind": "Pod"}))
    await target.patch(use.source, {"data": {use.key: base64.b64encode(password.encode()).decode()}}, "merge")
    for store in (await readers(target, use))[0]:
        await roll_out(target, store, revision)
    return GroundTruth(subject=use.source, mechanism=Mechanism.AUTH_CREDENTIAL, field=f"data.{use.key}")


async def _clients(target: Target, use: KeyUse) -> Iterable[Entity]:
    return [client for client in (await readers(target, use))[1] if client.kind == "Deployment"]


async def _runs_on(target: Target, before: Before, pod: Entity) -> bool:
    """Whether a pod of before the fault is there still, and not on its way out."""
    try:
        found = await target.get(pod)
    except NotFoundError:
        return False
    same = found["metadata"]["uid"] == original(before, pod)["metadata"]["uid"]
    return bool(same and not found["metadata"].get("deletionTimestamp"))
