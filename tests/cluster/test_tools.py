"""Tools against a real API server with the rights of the generated roles: what is previewed is made, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.action import Proposal
from aiops.core.clock import SystemClock
from aiops.core.entity import Entity, Manifest
from aiops.tools.kit import operations
from aiops.tools.kit.context import Context
from tests.cluster.application import NAMESPACE, asked_for, changed
from tests.contracts.test_tools import CASES, Memory
from tests.support.journal import MemoryJournal

pytestmark = pytest.mark.cluster


@pytest.fixture
def context(assistant_client: KubernetesClient, gone: list[Manifest]) -> Context:
    return Context(
        kube=assistant_client, clock=SystemClock(), changes=Memory(gone), namespaces=(NAMESPACE,), read_only=False
    )


@pytest.mark.parametrize(("name", "target", "arguments"), CASES, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(CASES)])
async def test_changes_are_taken_back_whole(
    name: str, target: str, arguments: dict[str, Any], context: Context, admin_client: KubernetesClient
) -> None:
    proposal = Proposal(
        tool=name,
        arguments=arguments,
        target=Entity.parse(target),
        mechanism=None,
        reason="a test",
        expected_effect="none",
        evidence=(),
    )
    journal, before = MemoryJournal(), await asked_for(admin_client)
    action = await operations.prepare(context, proposal, "a-1")
    assert await asked_for(admin_client) == before, "preparing writes nothing"
    applied = await operations.apply(context, action, journal)
    touched = changed(before, await asked_for(admin_client))
    assert touched == {str(one.edit.target) for one in applied}, "only the targets change"
    assert target in touched
    await operations.undo(context, action, journal)
    assert await asked_for(admin_client) == before
