"""Tools against a real API server with the rights of the generated roles: what is previewed is made, and taken back."""

from __future__ import annotations

from functools import partial

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import SystemClock
from aiops.core.entity import Manifest
from aiops.tools.kit.context import Context
from tests.cluster.application import NAMESPACE, asked_for
from tests.support.tool_changes import CASE_IDS, CASES, Case, Memory, taken_back_whole

pytestmark = pytest.mark.cluster

FURNISHED = {"restore_fields", "stop_writer", "remove_created", "set_node", "move_off_node", "stop_workload"}
"""Tools whose cases need nodes, quotas, webhooks and histories that only the lab is furnished with: tests/contracts has
them."""

HERE = [(case, name) for case, name in zip(CASES, CASE_IDS, strict=True) if name.rpartition("-")[0] not in FURNISHED]


@pytest.fixture
def context(assistant_client: KubernetesClient, gone: list[Manifest]) -> Context:
    return Context(
        kube=assistant_client, clock=SystemClock(), changes=Memory(gone), namespaces=(NAMESPACE,), read_only=False
    )


@pytest.mark.parametrize("case", [case for case, _ in HERE], ids=[name for _, name in HERE])
async def test_changes_are_taken_back_whole(case: Case, context: Context, admin_client: KubernetesClient) -> None:
    await taken_back_whole(context, case, partial(asked_for, admin_client))
