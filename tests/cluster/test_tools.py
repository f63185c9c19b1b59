"""Tools against a real API server with the rights of the generated roles: what is previewed is made, and taken back."""

from __future__ import annotations

from functools import partial

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import SystemClock
from aiops.core.entity import Manifest
from aiops.tools.kit.context import Context
from tests.cluster.application import NAMESPACE, asked, asked_for
from tests.support.tool_changes import CASE_IDS, CASES, Case, Memory, taken_back_whole

pytestmark = pytest.mark.cluster


@pytest.fixture
def context(assistant_client: KubernetesClient, gone: list[Manifest]) -> Context:
    return Context(
        kube=assistant_client,
        clock=SystemClock(),
        changes=Memory(gone),
        namespaces=(NAMESPACE,),
        read_only=False,
        cluster_changes=True,
    )


@pytest.mark.parametrize("case", CASES, ids=CASE_IDS)
async def test_changes_are_taken_back_whole(case: Case, context: Context, admin_client: KubernetesClient) -> None:
    before = await asked_for(admin_client)
    if case.target.startswith("Node//") and case.target not in before:
        pytest.skip(f"the cluster has no {case.target}")
    await taken_back_whole(context, case, partial(asked_for, admin_client), asked=asked)
