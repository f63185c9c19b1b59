"""What the changing tools plan, and what they refuse."""

from __future__ import annotations

import pytest

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError, RetryWithOtherArgumentsError
from aiops.tools.edit_network_policy import edit_network_policy
from aiops.tools.patch_service import patch_service
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.scale import scale
from aiops.tools.set_env import set_env
from aiops.tools.set_image import set_image
from aiops.tools.set_resources import set_resources

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
SERVICE = Entity(kind="Service", namespace="hotel", name="geo")
POLICY = Entity(kind="NetworkPolicy", namespace="hotel", name="guard")


def container(edits):
    (edit,) = edits
    assert (edit.target, edit.patch_type) == (GEO, "strategic")
    (found,) = edit.body["spec"]["template"]["spec"]["containers"]
    return found


async def test_one_container_is_patched_and_no_other_field(lab):
    assert container(await set_image(lab.ctx, GEO, "geo", "geo:2")) == {"name": "geo", "image": "geo:2"}
    env = container(await set_env(lab.ctx, GEO, "geo", "A", "1"))
    assert env == {"name": "geo", "env": [{"name": "A", "value": "1"}]}
    resources = container(await set_resources(lab.ctx, GEO, "geo", limits={"memory": "1Gi"}))
    assert resources == {"name": "geo", "resources": {"limits": {"memory": "1Gi"}}}
    assert lab.wire.writes == []


async def test_replicas(lab):
    (edit,) = await scale(lab.ctx, GEO, 0)
    assert edit.body == {"spec": {"replicas": 0}}


async def test_what_is_not_there_is_named_with_what_is(lab):
    with pytest.raises(RetryWithOtherArgumentsError, match="no container 'sidecar'; it has geo"):
        await set_image(lab.ctx, GEO, "sidecar", "x")
    with pytest.raises(RetryWithOtherArgumentsError, match="must be a Deployment or StatefulSet or DaemonSet"):
        await set_image(lab.ctx, SERVICE, "geo", "x")
    with pytest.raises(RetryWithOtherArgumentsError, match="no variable 'NOPE'"):
        await set_env(lab.ctx, GEO, "geo", "NOPE", None)
    with pytest.raises(RetryWithOtherArgumentsError, match="outside the allowed ones"):
        await scale(lab.ctx, Entity(kind="Deployment", namespace="monitoring", name="coredns"), 0)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"memory": "lots"}, r"argument limits\.memory: .*lots"),
        ({"cpu": "0"}, r"argument limits\.cpu: '0' must be more than zero"),
        ({"cpu": "-1"}, r"argument limits\.cpu"),
        ({}, "one of them must name a resource"),
    ],
)
async def test_quantities_are_checked(lab, limits, message):
    with pytest.raises(RetryWithOtherArgumentsError, match=message):
        await set_resources(lab.ctx, GEO, "geo", limits=limits)


async def test_one_field_of_a_service(lab):
    (edit,) = await patch_service(lab.ctx, SERVICE, "spec.ports[http].targetPort", 9)
    (port,) = edit.body["spec"]["ports"]
    assert (port["name"], port["targetPort"]) == ("http", 9)
    assert edit.body["spec"].keys() == {"ports"}
    (edit,) = await patch_service(lab.ctx, SERVICE, "spec.selector.app", "x")
    assert edit.body == {"spec": {"selector": {"app": "x"}}}
    (edit,) = await patch_service(lab.ctx, SERVICE, "spec.selector[example.com/tier]", "back")
    assert edit.body == {"spec": {"selector": {"example.com/tier": "back"}}}


@pytest.mark.parametrize(
    "path",
    ["spec.clusterIP", "metadata.name", "spec.ports", "spec.ports[http]", "spec.ports[http].a.b", "spec.type"],
)
async def test_other_fields_of_a_service_are_refused(lab, path):
    with pytest.raises(RetryWithOtherArgumentsError, match="argument path"):
        await patch_service(lab.ctx, SERVICE, path, "x")


async def test_ports_that_are_not_there(lab):
    with pytest.raises(RetryWithOtherArgumentsError, match="no port 'grpc'"):
        await patch_service(lab.ctx, SERVICE, "spec.ports[grpc].targetPort", 1)
    with pytest.raises(RetryWithOtherArgumentsError, match="needs a value"):
        await patch_service(lab.ctx, SERVICE, "spec.ports[http].targetPort", None)


async def test_rollout_undo_goes_to_the_revision_before(lab):
    with pytest.raises(NotPossibleError, match="no earlier revision"):
        await rollout_undo(lab.ctx, GEO)
    for image in ("geo:2", "geo:3"):
        body = {"spec": {"template": {"spec": {"containers": [{"name": "geo", "image": image}]}}}}
        await lab.other().patch(GEO, body, "strategic")
        lab.run(10)
    (edit,) = await rollout_undo(lab.ctx, GEO)
    (found,) = edit.body["spec"]["template"]["spec"]["containers"]
    assert found["image"] == "geo:2"
    (edit,) = await rollout_undo(lab.ctx, GEO, to_revision=1)
    (found,) = edit.body["spec"]["template"]["spec"]["containers"]
    assert found["image"].startswith("registry.example.com/")
    with pytest.raises(RetryWithOtherArgumentsError, match="has revisions 1, 2, 3, not 9"):
        await rollout_undo(lab.ctx, GEO, to_revision=9)


async def policy(lab, **spec):
    api = "networking.k8s.io/v1"
    metadata = {"name": "guard", "namespace": "hotel"}
    await lab.other().create({"apiVersion": api, "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})


async def test_network_policies(lab):
    peer = {"from": [{"podSelector": {"matchLabels": {"app": "search"}}}]}
    rule = {"ports": [{"port": 1}]}
    await policy(lab, podSelector={"matchLabels": {"app": "geo"}}, policyTypes=["Ingress"], ingress=[rule])
    (edit,) = await edit_network_policy(lab.ctx, POLICY, add_ingress=peer)
    assert edit.body["spec"].keys() == {"ingress"}
    assert edit.body["spec"]["ingress"][1] == peer
    (edit,) = await edit_network_policy(lab.ctx, POLICY, spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    assert edit.body == {"spec": {"ingress": None, "podSelector": {"matchLabels": None}}}
    with pytest.raises(RetryWithOtherArgumentsError, match="does not restrict egress"):
        await edit_network_policy(lab.ctx, POLICY, add_egress={})
    for arguments in ({}, {"spec": {}, "add_ingress": peer}):
        with pytest.raises(RetryWithOtherArgumentsError, match="either spec, or"):
            await edit_network_policy(lab.ctx, POLICY, **arguments)
