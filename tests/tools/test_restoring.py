"""Fields as they were before a change, and objects that were not there before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aiops.core.changes import Change
from aiops.core.entity import Entity
from aiops.core.errors import ActionRefusedError, NotPossibleError, RetryWithOtherArgumentsError
from aiops.core.fields import desired, write
from aiops.tools.kit.operations import prepare
from aiops.tools.kit.restorable import may_restore
from aiops.tools.remove_created import remove_created
from aiops.tools.restore_fields import restore_fields
from aiops.tools.set_node import set_node
from aiops.tools.stop_writer import stop_writer
from tests.support.history import Past
from tests.support.tool_changes import Case

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
NODE = Entity(kind="Node", name="node-1")
POD = "spec.template.spec"


async def before(lab: Any, entity: Entity, path: str, value: Any) -> Any:
    """A context whose history knows the object with another value at a path."""
    past = write(desired({"kind": entity.kind, **await lab.ctx.kube.get(entity)}), path, value)
    return replace(lab.ctx, changes=Past(past))


async def test_a_list_gets_its_items_back_and_loses_new_ones(lab: Any) -> None:
    taint = {"key": "a", "value": "b", "effect": "NoSchedule"}
    await lab.other().patch(NODE, {"spec": {"taints": [taint]}}, "merge")
    (edit,) = await restore_fields(await before(lab, NODE, "spec.taints", None), NODE, 9.0, ["spec.taints"])
    assert edit.body == {"spec": {"taints": None}}
    tolerated = [{"key": "x", "operator": "Exists"}]
    ctx = await before(lab, GEO, f"{POD}.tolerations", tolerated)
    (edit,) = await restore_fields(ctx, GEO, 9.0, [f"{POD}.tolerations[x]"])
    assert edit.body == {"spec": {"template": {"spec": {"tolerations": tolerated}}}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{POD}.hostNetwork", True),
        (f"{POD}.serviceAccountName", "rate"),
        (f"{POD}.containers[geo].securityContext", {"privileged": True}),
    ],
)
async def test_what_pods_may_do_is_not_put_back(lab: Any, path: str, value: Any) -> None:
    with pytest.raises(NotPossibleError, match="is not granted here"):
        await restore_fields(await before(lab, GEO, path, value), GEO, 9.0, [path])


async def test_without_a_known_version_nothing_is_put_back(lab: Any) -> None:
    with pytest.raises(NotPossibleError, match="no change recorder"):
        await restore_fields(replace(lab.ctx, changes=None), GEO, 9.0, ["spec.replicas"])
    with pytest.raises(NotPossibleError, match="does not know"):
        await restore_fields(await before(lab, NODE, "spec.taints", None), GEO, 9.0, ["spec.replicas"])
    with pytest.raises(NotPossibleError, match="already"):
        await restore_fields(await before(lab, GEO, "spec.paused", None), GEO, 9.0, ["spec.replicas"])
    with pytest.raises(RetryWithOtherArgumentsError, match="is not restored here"):
        await restore_fields(lab.ctx, GEO, 9.0, ["metadata.labels.app"])


def test_program_text_of_a_gateway_stays_for_people() -> None:
    annotation = "metadata.annotations[nginx.ingress.kubernetes.io/{}]"
    assert may_restore("Ingress", annotation.format("rewrite-target"))
    assert not may_restore("Ingress", annotation.format("configuration-snippet"))
    assert not may_restore("ClusterRole", "rules")


async def test_an_object_goes_only_where_its_creation_is_known(lab: Any) -> None:
    entity = Entity(kind="ResourceQuota", namespace="hotel", name="room")
    meta = {"name": "room", "namespace": "hotel"}
    spec = {"hard": {"pods": "500"}}
    await lab.other().create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta, "spec": spec})

    class Creations(Past):
        async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
            made = Change(at=100.0, entity=entity, verb="created")
            return [made] if start <= made.at <= end and "hotel" in namespaces else []

    ctx = replace(lab.ctx, changes=Creations({"kind": "X", "metadata": {"name": "x"}}))
    (edit,) = await remove_created(ctx, entity, 100.0)
    assert (edit.op, edit.target) == ("delete", entity)
    with pytest.raises(NotPossibleError, match="was created then"):
        await remove_created(ctx, entity, 50.0)
    with pytest.raises(NotPossibleError, match="no change recorder"):
        await remove_created(replace(ctx, changes=None), entity, 100.0)


async def test_objects_of_no_namespace_need_a_setting_beside_named_ones(lab: Any) -> None:
    taint = {"key": "a", "value": "b", "effect": "NoSchedule"}
    await lab.other().patch(NODE, {"spec": {"taints": [taint]}}, "merge")
    ctx = replace(await before(lab, NODE, "spec.taints", None), read_only=False, namespaces=("hotel",))
    case = Case("restore_fields", str(NODE), {"entity": str(NODE), "changed_at": 9.0, "paths": ["spec.taints"]})
    with pytest.raises(ActionRefusedError, match="cluster_changes"):
        await prepare(ctx, case.proposal(), "a-1")
    assert (await prepare(replace(ctx, cluster_changes=True), case.proposal(), "a-1")).diff


async def test_pods_are_made_again_with_it(lab: Any) -> None:
    ctx = await before(lab, NODE, "metadata.labels.disk", "ssd")
    first, restart = await restore_fields(ctx, NODE, 9.0, ["metadata.labels.disk"], restart=(GEO,))
    assert (first.target, restart.target) == (NODE, GEO)
    with pytest.raises(RetryWithOtherArgumentsError, match="argument restart"):
        await restore_fields(ctx, NODE, 9.0, ["metadata.labels.disk"], restart=(NODE,))


async def test_a_writer_is_stopped_before_what_it_wrote_is_mended(lab: Any) -> None:
    rate = Entity(kind="Deployment", namespace="hotel", name="rate")
    ctx = await before(lab, GEO, "spec.replicas", 7)
    stop, mend = await stop_writer(ctx, rate, GEO, 9.0, ["spec.replicas"])
    assert (stop.target, stop.body) == (rate, {"spec": {"replicas": 0}})
    assert (mend.target, mend.body) == (GEO, {"spec": {"replicas": 7}})
    with pytest.raises(NotPossibleError, match="at once"):
        await stop_writer(ctx, GEO, GEO, 9.0, ["spec.replicas"])
    with pytest.raises(RetryWithOtherArgumentsError, match="argument writer"):
        await stop_writer(ctx, NODE, GEO, 9.0, ["spec.replicas"])


async def test_a_node_keeps_the_taints_of_the_cluster(lab: Any) -> None:
    taints = [{"key": "team", "effect": "NoSchedule"}, {"key": "node.kubernetes.io/x", "effect": "NoSchedule"}]
    await lab.other().patch(NODE, {"spec": {"taints": taints}}, "merge")
    (edit,) = await set_node(lab.ctx, NODE, unschedulable=False, remove_taint="team")
    assert edit.body == {"spec": {"unschedulable": None, "taints": taints[1:]}}
    for key, why in (("node.kubernetes.io/x", "the cluster's own"), ("other", "has no taint")):
        with pytest.raises(RetryWithOtherArgumentsError, match=why):
            await set_node(lab.ctx, NODE, remove_taint=key)
    with pytest.raises(RetryWithOtherArgumentsError, match="one of them must be given"):
        await set_node(lab.ctx, NODE)
