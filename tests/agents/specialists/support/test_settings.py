"""Where a setting comes from that a program complains about."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.agents.specialists.support.settings import blamed_for_setting
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.named_setting import NamedSetting
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import VirtualClock
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context

WEB = Entity(kind="Deployment", namespace="shop", name="web")
CONFIG = Entity(kind="ConfigMap", namespace="shop", name="web")
PATH = "spec.template.spec.containers[web].env[CART_ADDR]"
PLAIN = {"name": "CART_ADDR", "value": "cart"}
TAKEN = {"name": "CART_ADDR", "valueFrom": {"configMapKeyRef": {"name": "web", "key": "cart"}}}


class History:
    """A change history that knows what it is given."""

    def __init__(self, *changes: Change) -> None:
        self._changes = list(changes)

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return self._changes

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        return None

    async def watched_since(self) -> float:
        return 0.0

    def problems(self) -> tuple[str, ...]:
        return ()


async def blamed(container: dict[str, Any], missing: bool, *changes: Change) -> list[tuple[str, Mechanism, str | None]]:
    template = {"spec": {"containers": [{"name": "web", **container}]}}
    workload = {"metadata": {"namespace": "shop", "name": "web"}, "spec": {"template": template}}

    def serve(request: httpx2.Request) -> httpx2.Response:
        items = [workload] if request.url.path.endswith("/deployments") else []
        return httpx2.Response(200, json={"items": items})

    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    ctx = Context(kube=kube, clock=VirtualClock(1000.0), changes=History(*changes))
    tools = Toolbox(ctx, ("list_objects", "recent_changes"))
    found = await blamed_for_setting(NamedSetting("CART_ADDR", missing), WEB, Window(start=0, end=1000), tools)
    return [(str(h.subject), h.mechanism, h.field) for h in found]


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ([PLAIN], (str(WEB), Mechanism.CONFIG_ENV_VALUE, f"{PATH}.value")),
        ([TAKEN], (str(CONFIG), Mechanism.CONFIG_ENV_VALUE, "data.cart")),
        ([TAKEN, PLAIN], (str(WEB), Mechanism.CONFIG_ENV_SHADOWED, f"{PATH}.value")),
        ([PLAIN, PLAIN], (str(WEB), Mechanism.CONFIG_ENV_SHADOWED, f"{PATH}.value")),
    ],
)
async def test_a_wrong_value_is_laid_at_the_object_that_holds_it(
    env: list[dict[str, Any]], expected: tuple[str, Mechanism, str]
) -> None:
    assert await blamed({"env": env}, missing=False) == [expected]


async def test_a_value_that_is_there_is_not_missing() -> None:
    assert await blamed({"env": [PLAIN]}, missing=True) == []


async def test_who_took_a_variable_away_is_found_in_the_history() -> None:
    lost = FieldChange(path=PATH, old=PLAIN, new=None)
    change = Change(at=900, entity=WEB, verb="updated", fields=(lost,))
    assert await blamed({}, True, change) == [(str(WEB), Mechanism.CONFIG_ENV_MISSING, PATH)]
    key = FieldChange(path="data.CART_ADDR", old="cart:80", new=None)
    change = Change(at=900, entity=CONFIG, verb="updated", fields=(key,))
    source = {"envFrom": [{"configMapRef": {"name": "web"}}]}
    assert await blamed(source, True, change) == [(str(CONFIG), Mechanism.CONFIG_MISSING_KEY, "data.CART_ADDR")]


async def test_without_a_history_the_workload_lacks_it() -> None:
    assert await blamed({}, missing=True) == [(str(WEB), Mechanism.CONFIG_ENV_MISSING, None)]
