"""Tools for settings with their own dangers: what they plan, and above all what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aiops.core.action import Risk
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError, RetryWithOtherArgumentsError
from aiops.tools.edit_role import edit_role
from aiops.tools.edit_role_binding import edit_role_binding
from aiops.tools.recreate_grant import recreate_grant
from aiops.tools.recreate_object import KINDS, recreate_object
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.set_autoscaler import set_autoscaler
from aiops.tools.set_config_key import RESTARTED_AT, set_config_key
from aiops.tools.set_env_key import set_env_key
from aiops.tools.set_ingress_tls import set_ingress_tls
from aiops.tools.set_node_selector import set_node_selector
from aiops.tools.set_probe import set_probe
from tests.support.history import Past

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
RATES = Entity(kind="ConfigMap", namespace="hotel", name="rate-config")
ROLE = Entity(kind="Role", namespace="hotel", name="r")
BINDING = Entity(kind="RoleBinding", namespace="hotel", name="b")
RBAC = "rbac.authorization.k8s.io"


async def create(lab: Any, entity: Entity, api: str, **rest: Any) -> None:
    meta = {"name": entity.name, "namespace": entity.namespace}
    await lab.other().create({"apiVersion": api, "kind": entity.kind, "metadata": meta, **rest})


async def test_a_key_is_set_and_its_readers_are_restarted_on_demand(lab: Any) -> None:
    (edit,) = await set_config_key(lab.ctx, RATES, "new", "1")
    assert edit.body == {"data": {"new": "1"}}
    first, *restarts = await set_config_key(lab.ctx, RATES, "new", "1", restart=True)
    assert first == edit
    assert [str(one.target) for one in restarts] == ["Deployment/hotel/rate"]
    assert list(restarts[0].body["spec"]["template"]["metadata"]["annotations"]) == [RESTARTED_AT]
    with pytest.raises(RetryWithOtherArgumentsError, match="has no key 'nope'"):
        await set_config_key(lab.ctx, RATES, "nope", None)


async def test_binary_keys_are_left_alone(lab: Any) -> None:
    entity = Entity(kind="ConfigMap", namespace="hotel", name="bin")
    await create(lab, entity, "v1", binaryData={"k": "AAA="})
    with pytest.raises(RetryWithOtherArgumentsError, match="binary"):
        await set_config_key(lab.ctx, entity, "k", "x")


async def test_a_probe_keeps_what_is_not_named(lab: Any) -> None:
    (edit,) = await set_probe(lab.ctx, GEO, "geo", "readinessProbe", path="/ok", failure_threshold=5)
    (container,) = edit.body["spec"]["template"]["spec"]["containers"]
    assert container == {"name": "geo", "readinessProbe": {"failureThreshold": 5, "httpGet": {"path": "/ok"}}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probe": "startupProbe", "port": 1}, "has no startupProbe"),
        ({"probe": "readinessProbe"}, "nothing of the probe"),
    ],
)
async def test_a_probe_that_cannot_be_set(lab: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RetryWithOtherArgumentsError, match=message):
        await set_probe(lab.ctx, GEO, "geo", **arguments)


async def test_only_http_probes_have_paths(lab: Any) -> None:
    body = {"readinessProbe": {"httpGet": None, "tcpSocket": {"port": "http"}}}
    container = {"name": "geo", **body}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await lab.other().patch(GEO, patch, "strategic")
    with pytest.raises(RetryWithOtherArgumentsError, match="no HTTP probe"):
        await set_probe(lab.ctx, GEO, "geo", "readinessProbe", path="/ok")
    (edit,) = await set_probe(lab.ctx, GEO, "geo", "readinessProbe", port=9)
    (found,) = edit.body["spec"]["template"]["spec"]["containers"]
    assert found["readinessProbe"] == {"tcpSocket": {"port": 9}}


async def test_a_node_selector_is_set_as_a_whole(lab: Any) -> None:
    (edit,) = await set_node_selector(lab.ctx, GEO, {"disk": "ssd"})
    assert edit.body["spec"]["template"]["spec"] == {"nodeSelector": {"disk": "ssd"}}
    await lab.other().patch(GEO, edit.body, "merge")
    (edit,) = await set_node_selector(lab.ctx, GEO, {"zone": "a"})
    assert edit.body["spec"]["template"]["spec"] == {"nodeSelector": {"disk": None, "zone": "a"}}
    (edit,) = await set_node_selector(lab.ctx, GEO, {})
    assert edit.body["spec"]["template"]["spec"] == {"nodeSelector": None}


async def test_a_variable_is_taken_from_another_key_of_the_same_object(lab: Any) -> None:
    reference = {"secretKeyRef": {"name": "db", "key": "one"}}
    env = [{"name": "PASSWORD", "valueFrom": reference}, {"name": "PLAIN", "value": "x"}]
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "geo", "env": env}]}}}}
    await lab.other().patch(GEO, patch, "strategic")
    (edit,) = await set_env_key(lab.ctx, GEO, "geo", "PASSWORD", "two")
    (container,) = edit.body["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"key": "two"}}}]
    for name, key, message in (("PASSWORD", "one", "already"), ("PLAIN", "two", "no key"), ("NOPE", "two", "no key")):
        with pytest.raises(RetryWithOtherArgumentsError, match=message):
            await set_env_key(lab.ctx, GEO, "geo", name, key)


async def test_bounds_of_an_autoscaler_do_not_contradict(lab: Any) -> None:
    entity = Entity(kind="HorizontalPodAutoscaler", namespace="hotel", name="geo")
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "geo"}
    await create(lab, entity, "autoscaling/v2", spec={"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 4})
    (edit,) = await set_autoscaler(lab.ctx, entity, max_replicas=8)
    assert edit.body == {"spec": {"maxReplicas": 8}}
    with pytest.raises(RetryWithOtherArgumentsError, match="contradict"):
        await set_autoscaler(lab.ctx, entity, max_replicas=1)
    with pytest.raises(RetryWithOtherArgumentsError, match="one of them"):
        await set_autoscaler(lab.ctx, entity)


def rule(verbs: list[str], resources: list[str], group: str = "") -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


async def call_role(lab: Any, *rules: dict[str, Any]) -> Any:
    return await edit_role.call(lab.ctx, {"role": str(ROLE), "rules": list(rules)})


async def test_a_role_gets_narrow_rules_only(lab: Any) -> None:
    kept = rule(["*"], ["pods"])
    await create(lab, ROLE, f"{RBAC}/v1", rules=[kept])
    narrow = rule(["get"], ["configmaps"])
    (edit,) = await call_role(lab, kept, narrow)
    assert edit.body == {"rules": [kept, narrow]}, "a wildcard that is there already may stay"
    for wide in (
        rule(["*"], ["configmaps"]),
        rule(["get"], ["*"]),
        rule(["get"], ["x"], "*"),
        rule(["bind"], ["r"]),
        rule(["get"], ["configmaps", "secrets"]),
        rule(["create"], ["serviceaccounts/token"]),
        rule(["create"], ["pods/exec"]),
        rule(["patch"], ["deployments"], "apps"),
        rule(["update"], ["roles"], RBAC),
    ):
        with pytest.raises(NotPossibleError, match="a person who may has to do it"):
            await call_role(lab, kept, wide)


GEO_ACCOUNT = {"kind": "ServiceAccount", "namespace": "hotel", "name": "geo"}
OPS = {"kind": "Group", "name": "ops", "apiGroup": RBAC}


async def call_binding(lab: Any, *subjects: dict[str, Any]) -> Any:
    return await edit_role_binding.call(lab.ctx, {"binding": str(BINDING), "subjects": list(subjects)})


async def bound(lab: Any, *rules: dict[str, Any], kind: str = "Role") -> None:
    await create(lab, ROLE, f"{RBAC}/v1", rules=list(rules))
    ref = {"apiGroup": RBAC, "kind": kind, "name": "r"}
    await create(lab, BINDING, f"{RBAC}/v1", roleRef=ref, subjects=[OPS])


async def test_only_existing_accounts_of_the_namespace_are_added_to_a_binding(lab: Any) -> None:
    await bound(lab, rule(["get"], ["configmaps"]))
    (edit,) = await call_binding(lab, OPS, GEO_ACCOUNT)
    assert edit.body == {"subjects": [OPS, GEO_ACCOUNT]}
    for stranger, why in (
        ({"kind": "Group", "name": "system:authenticated"}, "a role to a Group"),
        ({"kind": "User", "name": "mallory"}, "a role to a User"),
        (GEO_ACCOUNT | {"namespace": "evil"}, "another namespace"),
        (GEO_ACCOUNT | {"name": "nobody"}, "does not exist"),
    ):
        with pytest.raises(NotPossibleError, match=why):
            await call_binding(lab, OPS, stranger)


@pytest.mark.parametrize("wide", [rule(["*"], ["*"], "*"), rule(["get"], ["secrets"]), rule(["create"], ["pods"])])
async def test_nobody_is_added_to_a_role_that_is_for_people(lab: Any, wide: dict[str, Any]) -> None:
    await bound(lab, rule(["get"], ["configmaps"]), wide)
    with pytest.raises(NotPossibleError, match="a person who may has to do it"):
        await call_binding(lab, OPS, GEO_ACCOUNT)
    (edit,) = await call_binding(lab)
    assert edit.body == {"subjects": []}, "to take a role away gives nobody anything"


async def test_nobody_is_added_to_a_cluster_role(lab: Any) -> None:
    await bound(lab, kind="ClusterRole")
    with pytest.raises(NotPossibleError, match="not of this namespace alone"):
        await call_binding(lab, OPS, GEO_ACCOUNT)


def deleted(entity: Entity, **rest: Any) -> dict[str, Any]:
    meta = {"name": entity.name, "namespace": entity.namespace}
    return {"apiVersion": f"{RBAC}/v1", "kind": entity.kind, "metadata": meta, **rest}


async def again(lab: Any, manifest: dict[str, Any]) -> Any:
    return await recreate_grant(replace(lab.ctx, changes=Past(manifest)), Entity.of(manifest), 1.0)


async def test_a_revoked_binding_does_not_come_back_wider_than_a_machine_may_grant(lab: Any) -> None:
    await create(lab, ROLE, f"{RBAC}/v1", rules=[rule(["get"], ["configmaps"])])
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "r"}
    (edit,) = await again(lab, deleted(BINDING, roleRef=ref, subjects=[GEO_ACCOUNT]))
    assert edit.manifest["subjects"] == [GEO_ACCOUNT]
    admin = ref | {"kind": "ClusterRole", "name": "admin"}
    for reference, subjects in (
        (admin, [GEO_ACCOUNT]),
        (ref, [GEO_ACCOUNT, {"kind": "User", "name": "mallory"}]),
        (ref, [GEO_ACCOUNT | {"namespace": "evil"}]),
        (ref | {"name": "gone"}, [GEO_ACCOUNT]),
    ):
        with pytest.raises(NotPossibleError, match="a person who may has to do it"):
            await again(lab, deleted(BINDING, roleRef=reference, subjects=subjects))


async def test_a_deleted_role_and_account_come_back_without_rights_for_people_only(lab: Any) -> None:
    (edit,) = await again(lab, deleted(ROLE, rules=[rule(["get"], ["configmaps"])]))
    assert edit.target == ROLE
    with pytest.raises(NotPossibleError, match="secrets"):
        await again(lab, deleted(ROLE, rules=[rule(["get"], ["secrets"])]))
    account = Entity(kind="ServiceAccount", namespace="hotel", name="robot")
    assert await again(lab, deleted(account))
    await bound(lab, rule(["create"], ["pods"]))
    subject = {"kind": "ServiceAccount", "namespace": "hotel", "name": "robot"}
    await lab.other().patch(BINDING, {"subjects": [subject]}, "merge")
    with pytest.raises(NotPossibleError, match="create pods"):
        await again(lab, deleted(account))


ROBOT = Entity(kind="ServiceAccount", namespace="hotel", name="robot")


@pytest.mark.parametrize(
    "subject",
    [
        {"kind": "ServiceAccount", "namespace": "hotel", "name": "robot"},
        {"kind": "User", "apiGroup": RBAC, "name": "system:serviceaccount:hotel:robot"},
        {"kind": "Group", "apiGroup": RBAC, "name": "system:serviceaccounts"},
        {"kind": "Group", "apiGroup": RBAC, "name": "system:serviceaccounts:hotel"},
        {"kind": "Group", "apiGroup": RBAC, "name": "system:authenticated"},
    ],
    ids=lambda subject: subject["name"],
)
@pytest.mark.parametrize("namespace", ["monitoring", "hotel", ""])
async def test_an_account_for_which_wide_rights_wait_anywhere_does_not_come_back(
    lab: Any, subject: dict[str, Any], namespace: str
) -> None:
    assert await again(lab, deleted(ROBOT))
    binding = Entity(kind="RoleBinding" if namespace else "ClusterRoleBinding", namespace=namespace, name="deploys")
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}
    await create(lab, binding, f"{RBAC}/v1", roleRef=ref, subjects=[subject])
    with pytest.raises(NotPossibleError, match="a person who may has to do it"):
        await again(lab, deleted(ROBOT))


async def test_an_account_whose_rights_elsewhere_cannot_be_seen_does_not_come_back(lab: Any) -> None:
    here = Entity(kind="Role", namespace="hotel", name="looks")
    rules = [rule(["get", "list"], ["roles", "rolebindings"], RBAC), rule(["get"], ["serviceaccounts"])]
    await create(lab, here, f"{RBAC}/v1", rules=rules)
    subject = {"kind": "User", "apiGroup": RBAC, "name": "viewer"}
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "looks"}
    await create(lab, replace_kind(here), f"{RBAC}/v1", roleRef=ref, subjects=[subject])
    confined = replace(lab.ctx, kube=lab.viewer(), changes=Past(deleted(ROBOT)))
    with pytest.raises(NotPossibleError, match="nobody can say here what an account may do"):
        await recreate_grant(confined, ROBOT, 1.0)


def replace_kind(role: Entity) -> Entity:
    return role.model_copy(update={"kind": "RoleBinding"})


@pytest.mark.parametrize("key", ["eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account"])
async def test_an_account_that_is_somebody_in_a_cloud_does_not_come_back(lab: Any, key: str) -> None:
    manifest = deleted(ROBOT)
    manifest["metadata"]["annotations"] = {key: "admin"}
    with pytest.raises(NotPossibleError, match=f"the identity of {key}"):
        await again(lab, manifest)


ROUTE: dict[str, Any] = {"name": "geo", "securityContext": {"privileged": True}}
WIDE: list[tuple[dict[str, Any], str]] = [
    ({"hostPID": True}, "hostPID"),
    ({"containers": [ROUTE]}, r"containers\[geo\]\.securityContext"),
    ({"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}, r"volumes\[node\]"),
    ({"serviceAccountName": "search"}, "serviceAccountName"),
]


async def rolled(lab: Any, *specs: dict[str, Any]) -> None:
    """Revisions of GEO, one after the other."""
    for spec in specs:
        await lab.other().patch(GEO, {"spec": {"template": {"spec": spec}}}, "strategic")
        lab.run(10)


@pytest.mark.parametrize(("old", "field"), WIDE, ids=[field for _, field in WIDE])
async def test_a_rollback_gives_pods_no_other_rights(lab: Any, old: dict[str, Any], field: str) -> None:
    now = (await lab.kube.get(GEO))["spec"]["template"]["spec"]
    undone = {key: now.get(key) for key in old} | {"containers": [{"name": "geo", "image": "x:2"}]}
    if "volumes" in old:
        undone["volumes"] = [{"$patch": "delete", "name": "node"}]
    undone["containers"][0]["securityContext"] = None
    await rolled(lab, old, undone)
    with pytest.raises(NotPossibleError, match=f"{field}.* is not granted here"):
        await rollout_undo(lab.ctx, GEO)
    assert await rollout_undo(lab.ctx, GEO, to_revision=1), "other fields may go back"


async def test_a_rollback_to_another_account_is_asked_for_and_that_account_is_narrow(lab: Any) -> None:
    await create(lab, ROBOT, "v1")
    await rolled(lab, {"serviceAccountName": "robot"}, {"serviceAccountName": "geo"})
    with pytest.raises(NotPossibleError, match="another serviceAccountName"):
        await rollout_undo(lab.ctx, GEO)
    (edit,) = await rollout_undo(lab.ctx, GEO, with_account=True)
    assert edit.body["spec"]["template"]["spec"]["serviceAccountName"] == "robot"
    await create(lab, ROLE, f"{RBAC}/v1", rules=[rule(["create"], ["pods"])])
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "r"}
    await create(lab, BINDING, f"{RBAC}/v1", roleRef=ref, subjects=[{**GEO_ACCOUNT, "name": "robot"}])
    with pytest.raises(NotPossibleError, match="the right to create pods"):
        await rollout_undo(lab.ctx, GEO, with_account=True)
    await lab.other().delete(ROBOT)
    with pytest.raises(NotPossibleError, match="which does not exist"):
        await rollout_undo(lab.ctx, GEO, with_account=True)


def test_giving_rights_is_a_high_risk() -> None:
    assert {tool.risk for tool in (edit_role, edit_role_binding, recreate_grant)} == {Risk.HIGH}
    assert not {"Role", "RoleBinding", "ServiceAccount"}.intersection(KINDS)


async def test_the_certificate_of_one_host_is_changed(lab: Any) -> None:
    entity = Entity(kind="Ingress", namespace="hotel", name="side")
    tls = [{"hosts": ["a.example.com"], "secretName": "a"}, {"hosts": ["b.example.com"], "secretName": "b"}]
    backend = {"service": {"name": "geo", "port": {"number": 80}}}
    await create(lab, entity, "networking.k8s.io/v1", spec={"defaultBackend": backend, "tls": tls})
    (edit,) = await set_ingress_tls(lab.ctx, entity, ["b.example.com"], "new")
    assert edit.body["spec"]["tls"] == [tls[0], {**tls[1], "secretName": "new"}]
    with pytest.raises(RetryWithOtherArgumentsError, match=r"serves TLS for a\.example\.com, b\.example\.com"):
        await set_ingress_tls(lab.ctx, entity, ["b.example.com", "c.example.com"], "new")


async def test_other_hosts_of_the_entry_keep_their_certificate(lab: Any) -> None:
    entity = Entity(kind="Ingress", namespace="hotel", name="side")
    tls = [{"hosts": ["a.example.com", "b.example.com", "c.example.com"], "secretName": "all"}]
    backend = {"service": {"name": "geo", "port": {"number": 80}}}
    await create(lab, entity, "networking.k8s.io/v1", spec={"defaultBackend": backend, "tls": tls})
    (edit,) = await set_ingress_tls(lab.ctx, entity, ["a.example.com", "c.example.com"], "new")
    assert edit.body["spec"]["tls"] == [
        {"hosts": ["b.example.com"], "secretName": "all"},
        {"hosts": ["a.example.com", "c.example.com"], "secretName": "new"},
    ]


async def test_without_a_history_nothing_comes_back(lab: Any) -> None:
    with pytest.raises(NotPossibleError, match="no change recorder"):
        await recreate_object(lab.ctx, RATES, 1.0)
    with pytest.raises(RetryWithOtherArgumentsError, match="must be a ConfigMap or"):
        await recreate_object(lab.ctx, Entity(kind="Secret", namespace="hotel", name="s"), 1.0)
