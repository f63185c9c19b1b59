"""Fault: a workload's password comes from a Secret into which it was not copied as it is."""

from __future__ import annotations

import base64
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.environment import KeyUse, value_in
from aiops.faults.kit.passwords import differs, readers, shared_passwords
from aiops.faults.kit.workloads import for_container, original, restart
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, use: KeyUse, suffix: str, form: str) -> bool:
    """The workload's password must be the store's, wherever both come from."""
    return await differs(target, before, use)


async def _other_fix(target: Target, before: Before, use: KeyUse, suffix: str, form: str) -> None:
    """The right password is written into the new Secret, and read."""
    right = original(before, use.source)["data"][use.key]
    await target.patch(_copy(use, suffix), {"data": {use.key: right}}, "merge")
    await restart(target, await target.get(use.variable.deployment))


@fault(
    Mechanism.AUTH_CREDENTIAL,
    entities=("Secret",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "security"}),
)
async def corrupt_secret(
    target: Target,
    use: Annotated[KeyUse, choose("a password that a workload and its store share", shared_passwords, KeyUse.parse)],
    suffix: Annotated[str, one_of("auth", "secrets", "login", "store")],
    form: Annotated[str, one_of("newline", "truncated", "encoded twice")],
) -> GroundTruth:
    """A workload reads a store's password from a Secret of its own, into which it was copied amiss: it is refused."""
    password = value_in(await target.get(use.source), use.key)
    if not password:
        raise NotPossibleError(f"{use.source}: it holds no password")
    for store in (await readers(target, use))[0]:
        await target.get(store)
    made, data = _copy(use, suffix), {use.key: _encoded(_copied(password, form))}
    metadata = {"name": made.name, "namespace": made.namespace}
    await target.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data})
    reference = {"valueFrom": {"secretKeyRef": {"name": made.name, "key": use.key}}}
    variable = use.variable
    await target.patch(
        variable.deployment, for_container(variable.container, env=[{"name": variable.name, **reference}])
    )
    return GroundTruth(subject=made, mechanism=Mechanism.AUTH_CREDENTIAL, field=f"data.{use.key}")


def _copy(use: KeyUse, suffix: str) -> Entity:
    deployment = use.variable.deployment
    return Entity(kind="Secret", namespace=deployment.namespace, name=f"{deployment.name}-{suffix}")


def _copied(password: str, form: str) -> str:
    """The password as careless people copy it."""
    if form == "newline":
        return f"{password}\n"
    return password[:-1] if form == "truncated" else _encoded(password)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
