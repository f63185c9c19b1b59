"""Injecting through the API, and taking back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import AiopsError, ConflictError, NotFoundError, NotPossibleError, UnknownNameError
from aiops.core.fields import desired
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.fence import Fence
from aiops.faults.injection import fix_otherwise, inject, inject_drawn, is_present, revert
from aiops.faults.registry import FAULTS, Before, Fault
from aiops.faults.truth import GroundTruth
from tests.faults.conftest import made

WEB = Entity(kind="Service", namespace="shop", name="web")
CONFIG = Entity(kind="ConfigMap", namespace="shop", name="web-config")
EXTRA = Entity(kind="ConfigMap", namespace="shop", name="extra")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "faults.jsonl"


def fault_of(function: Any) -> Fault:
    return Fault(
        name="sample",
        mechanism=Mechanism.CONFIG_ENV_VALUE,
        entities=("ConfigMap",),
        family="test",
        tags=frozenset(),
        summary="Sample.",
        parameters={},
        function=function,
        felt="requests",
        present=_still_debug,
        other_fix=_silenced,
    )


async def _still_debug(target: Target, before: Before) -> bool:
    original = before[CONFIG]
    assert original is not None
    return bool((await target.get(CONFIG))["data"]["log"] != original["data"]["log"])


async def _silenced(target: Target, before: Before) -> None:
    original = before[CONFIG]
    assert original is not None
    await target.patch(CONFIG, {"data": {"log": original["data"]["log"]}}, "merge")


async def three_writes(target: Target) -> GroundTruth:
    """Change, create, delete."""
    await target.patch(CONFIG, {"data": {"log": "debug"}}, "merge")
    await target.patch(CONFIG, {"data": {"log": "trace", "new": "x"}}, "merge")
    await target.create(made("ConfigMap", "extra", data={"a": "b"}))
    await target.delete(WEB)
    return GroundTruth(subject=CONFIG, mechanism=Mechanism.CONFIG_ENV_VALUE, field="data.log")


async def fails_half_way(target: Target) -> GroundTruth:
    """Change, then ask for something that the API refuses."""
    await target.patch(CONFIG, {"data": {"log": "debug"}}, "merge")
    await target.patch(WEB, {"spec": {"ports": [{"port": 99999, "protocol": "TCP"}]}}, "merge")
    raise AssertionError


async def takes_a_name_in_use(target: Target) -> GroundTruth:
    """Create what exists."""
    await target.create(made("ConfigMap", "web-config"))
    raise AssertionError


async def test_every_kind_of_write_is_taken_back(kube: KubernetesClient, journal: Path) -> None:
    before = {entity: desired(await kube.get(entity)) for entity in (CONFIG, WEB)}
    injection = await inject(fault_of(three_writes), kube, journal, {})
    assert (await kube.get(CONFIG))["data"]["log"] == "trace"
    with pytest.raises(NotFoundError):
        await kube.get(WEB)
    assert await revert(kube, journal, injection.id) == 3
    assert {entity: desired(await kube.get(entity)) for entity in (CONFIG, WEB)} == before
    with pytest.raises(NotFoundError):
        await kube.get(EXTRA)


async def test_another_fix_leaves_what_is_no_root_condition(kube: KubernetesClient, journal: Path) -> None:
    fault = fault_of(three_writes)
    injection = await inject(fault, kube, journal, {})
    assert await is_present(fault, kube, journal, injection)
    await fix_otherwise(fault, kube, journal, injection)
    assert not await is_present(fault, kube, journal, injection)
    assert (await kube.get(CONFIG))["data"]["new"] == "x"


async def test_what_a_controller_makes_again_is_not_taken_back(kube: KubernetesClient, journal: Path) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "u", "controller": True}
    owned = made("ConfigMap", "owned")
    owned["metadata"]["ownerReferences"] = [owner]
    await kube.create(owned)

    async def restarted(target: Target) -> GroundTruth:
        """Delete what a controller made."""
        await target.delete(Entity.of(owned))
        return GroundTruth(subject=CONFIG, mechanism=Mechanism.CONFIG_ENV_VALUE)

    injection = await inject(fault_of(restarted), kube, journal, {})
    assert await revert(kube, journal, injection.id) == 0
    with pytest.raises(NotFoundError):
        await kube.get(Entity.of(owned))


async def test_what_would_reach_too_far_is_taken_back_at_once(kube: KubernetesClient, journal: Path) -> None:
    before = desired(await kube.get(CONFIG))
    with pytest.raises(NotPossibleError, match="one object more than the 1"):
        await inject(fault_of(three_writes), kube, journal, {}, fence=Fence("shop", objects=1))
    assert desired(await kube.get(CONFIG)) == before
    assert await kube.get(WEB)


async def test_what_fails_half_way_is_taken_back_at_once(kube: KubernetesClient, journal: Path) -> None:
    before = desired(await kube.get(CONFIG))
    with pytest.raises(AiopsError, match="99999"):
        await inject(fault_of(fails_half_way), kube, journal, {})
    assert desired(await kube.get(CONFIG)) == before
    assert await revert(kube, journal, "sample-1") == 0


async def test_an_object_of_others_is_never_deleted(kube: KubernetesClient, journal: Path) -> None:
    with pytest.raises(ConflictError, match="web-config already exists"):
        await inject(fault_of(takes_a_name_in_use), kube, journal, {})
    assert await kube.get(CONFIG)


async def test_a_second_revert_leaves_later_changes_alone(kube: KubernetesClient, journal: Path) -> None:
    injection = await inject(fault_of(three_writes), kube, journal, {})
    await revert(kube, journal, injection.id)
    await kube.patch(CONFIG, {"data": {"log": "warn"}}, "merge")
    assert await revert(kube, journal, injection.id) == 0
    assert (await kube.get(CONFIG))["data"]["log"] == "warn"


async def test_what_somebody_repaired_meanwhile_needs_no_change(kube: KubernetesClient, journal: Path) -> None:
    fault = FAULTS.get("wrong_target_port")
    injection = await inject(fault, kube, journal, {"service": WEB, "port": 9100})
    assert injection.truth.field == "spec.ports[http].targetPort"
    assert (await kube.get(WEB))["spec"]["ports"][0]["targetPort"] == 9100
    await kube.patch(WEB, {"spec": {"ports": [{"port": 80, "targetPort": 80}]}}, "strategic")
    assert await revert(kube, journal, injection.id) == 0


async def test_annotations_of_tools_survive_a_revert(kube: KubernetesClient, journal: Path) -> None:
    injection = await inject(FAULTS.get("wrong_target_port"), kube, journal, {"service": WEB, "port": 9100})
    note = {"metadata": {"annotations": {"aiops.dev/action": "a1"}}}
    await kube.patch(WEB, note, "merge")
    await revert(kube, journal, injection.id)
    assert (await kube.get(WEB))["metadata"]["annotations"] == {"aiops.dev/action": "a1"}


async def test_a_write_in_between_is_tried_again(kube: KubernetesClient, journal: Path) -> None:
    injection = await inject(FAULTS.get("wrong_target_port"), kube, journal, {"service": WEB, "port": 9100})
    assert await revert(Racing(kube, times=3), journal, injection.id) == 1
    assert (await kube.get(WEB))["spec"]["ports"][0]["targetPort"] == 80


class Racing:
    """A client whose reads are overtaken by somebody else's write, some times."""

    def __init__(self, kube: KubernetesClient, times: int) -> None:
        self._kube = kube
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kube, name)

    async def get(self, entity: Entity) -> Manifest:
        found = await self._kube.get(entity)
        if self._times:
            self._times -= 1
            await self._kube.patch(entity, {"metadata": {"labels": {"touched": str(self._times)}}}, "merge")
        return found


async def test_a_lower_limit_takes_the_request_with_it(kube: KubernetesClient, journal: Path) -> None:
    web = Entity(kind="Deployment", namespace="shop", name="web")
    injection = await inject(FAULTS.get("low_memory_limit"), kube, journal, {"deployment": web, "percent": 50})
    (container,) = (await kube.get(web))["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == {"limits": {"memory": "100Mi"}, "requests": {"memory": "100Mi"}}
    assert injection.arguments == {"deployment": "Deployment/shop/web", "percent": 50}
    cart = Entity(kind="Deployment", namespace="shop", name="cart")
    with pytest.raises(NotPossibleError, match="cart has no memory limit"):
        await inject(FAULTS.get("low_memory_limit"), kube, journal, {"deployment": cart, "percent": 50})


async def test_an_image_keeps_its_name(kube: KubernetesClient, journal: Path) -> None:
    web = Entity(kind="Deployment", namespace="shop", name="web")
    await inject(FAULTS.get("bad_image_tag"), kube, journal, {"deployment": web, "suffix": "-rc1"})
    (container,) = (await kube.get(web))["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.com/web:1.2.0-rc1"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("web", "web:latest-rc1"),
        ("web@sha256:0123", "web:latest-rc1"),
        ("host:5000/web", "host:5000/web:latest-rc1"),
        ("host:5000/web:2@sha256:0123", "host:5000/web:2-rc1"),
    ],
)
async def test_any_image_reference(kube: KubernetesClient, journal: Path, image: str, expected: str) -> None:
    web = Entity(kind="Deployment", namespace="shop", name="web")
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    await kube.patch(web, body, "strategic")
    await inject(FAULTS.get("bad_image_tag"), kube, journal, {"deployment": web, "suffix": "-rc1"})
    assert (await kube.get(web))["spec"]["template"]["spec"]["containers"][0]["image"] == expected


async def test_the_policy_allows_everything_but_one_call(kube: KubernetesClient, journal: Path) -> None:
    web = Entity(kind="Deployment", namespace="shop", name="web")
    cart = Entity(kind="Service", namespace="shop", name="cart")
    arguments = {"call": Edge(source=web, target=cart), "suffix": "egress"}
    injection = await inject(FAULTS.get("network_policy_blocks_edge"), kube, journal, arguments)
    assert injection.arguments == {"call": "Deployment/shop/web -> Service/shop/cart", "suffix": "egress"}
    assert isinstance(injection.truth.subject, Entity)
    policy = await kube.get(injection.truth.subject)
    dns, services = policy["spec"]["egress"]
    assert {(port["port"], port["protocol"]) for port in dns["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert services["to"] == [{"podSelector": {"matchLabels": {"app": "web"}}}]
    with pytest.raises(NotPossibleError, match="egress policy"):
        await inject(FAULTS.get("network_policy_blocks_edge"), kube, journal, arguments | {"suffix": "outbound"})


async def test_a_namespace_where_nothing_fits_is_not_touched(kube: KubernetesClient, journal: Path) -> None:
    with pytest.raises(NotPossibleError):
        await inject_drawn(FAULTS.get("wrong_target_port"), kube, journal, "kube-public", 0)
    assert not journal.exists()


def test_an_unknown_fault_gets_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="did you mean wrong_target_port"):
        FAULTS.get("wrong_port")


async def test_the_later_of_two_injections_on_one_object_is_taken_back_first(
    kube: KubernetesClient, journal: Path
) -> None:
    before = desired(await kube.get(CONFIG))

    async def breaks(target: Target) -> GroundTruth:
        await target.patch(CONFIG, {"data": {"log": "debug"}}, "merge")
        return GroundTruth(subject=CONFIG, mechanism=Mechanism.CONFIG_ENV_VALUE, field="data.log")

    first = await inject(fault_of(breaks), kube, journal, {})
    second = await inject(fault_of(breaks), kube, journal, {})
    with pytest.raises(NotPossibleError, match=f"take {second.id} back first"):
        await revert(kube, journal, first.id)
    await revert(kube, journal, second.id)
    assert await revert(kube, journal, first.id) == 1
    assert desired(await kube.get(CONFIG)) == before


async def test_what_is_deleted_is_not_cured(kube: KubernetesClient, journal: Path) -> None:
    async def reads(target: Target, before: Before) -> bool:
        del before
        return bool((await target.get(CONFIG))["data"])

    fault = replace(fault_of(three_writes), present=reads)
    injection = await inject(fault, kube, journal, {})
    await kube.delete(CONFIG)
    assert await is_present(fault, kube, journal, injection)
