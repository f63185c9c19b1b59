"""What counts as well again though nothing was done."""

from __future__ import annotations

import httpx2
import pytest

from aiops.agents.verification.recovery import recovered
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import CART, ONSET, make_scope


@pytest.mark.parametrize("mechanism", [Mechanism.DATA_CORRUPTION, Mechanism.STORAGE_IO_ERROR])
async def test_data_at_risk_does_not_get_well_by_itself(mechanism: Mechanism) -> None:
    def serve(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(f"nothing has to be looked at: {request.url}")

    cause = RootCause(subject=CART, mechanism=mechanism, confidence=0.6, summary="s", evidence=("logs-1",))
    found = Diagnosis(fault=True, abstained=False, onset=ONSET, root_causes=(cause,), summary="s")
    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    assert not await recovered(make_scope(), found, Context(kube=kube, clock=VirtualClock(ONSET)))
