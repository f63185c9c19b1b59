"""Changes are made exactly once, and taken back exactly."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from aiops.core.action import ACTION_ANNOTATION, Action, Proposal
from aiops.core.entity import Entity
from aiops.core.errors import (
    ActionRefusedError,
    ConflictError,
    DeniedError,
    NotFoundError,
    NotPossibleError,
    RetryWithOtherArgumentsError,
    UnknownNameError,
)
from aiops.core.fields import desired, read
from aiops.core.redaction import REDACTED
from aiops.tools.kit import operations
from tests.support.history import Past

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
SERVICE = Entity(kind="Service", namespace="hotel", name="geo")
IMAGE = "spec.template.spec.containers[geo].image"
REPLICAS = "spec.replicas"


def proposal(tool="set_image", target=GEO, **arguments):
    arguments = arguments or {"workload": str(GEO), "container": "geo", "image": "geo:next"}
    return Proposal(
        tool=tool,
        arguments=arguments,
        target=target,
        mechanism=None,
        reason="because",
        expected_effect="better",
        evidence=(),
    )


def scaling(replicas=5):
    return proposal("scale", workload=str(GEO), replicas=replicas)


async def test_preparing_writes_nothing_and_shows_the_diff(lab):
    action = await operations.prepare(lab.ctx, proposal(), "a1")
    assert lab.wire.writes == []
    assert "image: geo:next" in next(line for line in action.diff.splitlines()[2:] if line.startswith("+"))
    assert "status" not in action.diff
    assert action.digest() == (await operations.prepare(lab.ctx, proposal(), "a1")).digest()


async def test_apply_writes_once_with_its_mark(lab):
    action = await operations.prepare(lab.ctx, proposal(), "a1")
    (applied,) = await operations.apply(lab.ctx, action, lab.journal)
    assert await operations.apply(lab.ctx, action, lab.journal) == (applied,)
    assert len(lab.wire.writes) == 1
    live = await lab.kube.get(GEO)
    assert read(live, IMAGE) == "geo:next"
    assert live["metadata"]["annotations"][ACTION_ANNOTATION] == "a1"
    assert ACTION_ANNOTATION not in live["spec"]["template"]["metadata"].get("annotations", {})
    assert lab.journal.intents["a1"][0] == applied.before


POINTS = ["before intend", "after intend", "before write", "after write", "before record", "after record"]


def kill_at(lab, point):
    if "write" in point:
        lab.wire.fail = point
    else:
        lab.journal.fail = point


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("pause", [0, 30])
async def test_a_killed_change_is_made_exactly_once(lab, point, pause):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    kill_at(lab, point)
    with pytest.raises(lab.killed, match=point):
        await operations.apply(lab.ctx, action, lab.journal)
    lab.run(pause)  # controllers write status meanwhile
    (applied,) = await operations.apply(lab.ctx, action, lab.journal)
    assert len(lab.wire.writes) == 1
    assert read(applied.before, REPLICAS) == 2
    assert read(applied.after, REPLICAS) == read(await lab.kube.get(GEO), REPLICAS) == 5


@pytest.mark.parametrize("point", POINTS)
async def test_a_killed_undo_is_made_exactly_once(lab, point):
    before = desired(await lab.kube.get(GEO))
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    await operations.apply(lab.ctx, action, lab.journal)
    lab.run(30)
    kill_at(lab, point)
    with pytest.raises(lab.killed, match=point):
        await operations.undo(lab.ctx, action, lab.journal)
    lab.run(30)
    await operations.undo(lab.ctx, action, lab.journal)
    await operations.undo(lab.ctx, action, lab.journal)
    assert len(lab.wire.writes) == 2
    live = await lab.kube.get(GEO)
    assert desired(live) == before
    assert live["metadata"]["annotations"][ACTION_ANNOTATION] == "a1-undo"


@pytest.mark.parametrize("point", ["after intend", "after write", "before record"])
@pytest.mark.parametrize("undo_point", POINTS)
async def test_an_undo_of_a_change_that_was_cut_off(lab, point, undo_point):
    before = desired(await lab.kube.get(GEO))
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    kill_at(lab, point)
    with pytest.raises(lab.killed, match=point):
        await operations.apply(lab.ctx, action, lab.journal)
    kill_at(lab, undo_point)
    with suppress(lab.killed):
        await operations.undo(lab.ctx, action, lab.journal)
    await operations.undo(lab.ctx, action, lab.journal)
    assert desired(await lab.kube.get(GEO)) == before
    assert len(lab.wire.writes) == (0 if point == "after intend" else 2)


async def test_undo_keeps_what_others_changed(lab):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    await operations.apply(lab.ctx, action, lab.journal)
    await lab.other().patch(GEO, {"metadata": {"labels": {"team": "geo"}}, "spec": {"minReadySeconds": 3}}, "merge")
    (undone,) = await operations.undo(lab.ctx, action, lab.journal)
    assert read(undone.after, REPLICAS) == 2
    assert read(undone.after, "spec.minReadySeconds") == 3
    assert read(undone.after, "metadata.labels.team") == "geo"


async def test_undo_refuses_a_field_that_others_changed(lab):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    await operations.apply(lab.ctx, action, lab.journal)
    await lab.other().patch(GEO, {"spec": {"replicas": 7}}, "merge")
    with pytest.raises(ConflictError, match=r"Deployment/hotel/geo: spec.replicas was changed again"):
        await operations.undo(lab.ctx, action, lab.journal)
    assert read(await lab.kube.get(GEO), REPLICAS) == 7


async def creation(lab) -> Action:
    """A ConfigMap that was there once, and is created again."""
    target = Entity(kind="ConfigMap", namespace="hotel", name="limits")
    meta = {"name": "limits", "namespace": "hotel"}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"most": "5"}}
    lab.ctx = replace(lab.ctx, changes=Past(manifest))
    again = proposal("recreate_object", target, entity=str(target), deleted_at=1.0)
    return await operations.prepare(lab.ctx, again, "a1")


async def test_undo_of_a_creation_deletes_what_was_created(lab):
    action = await creation(lab)
    await operations.apply(lab.ctx, action, lab.journal)
    await operations.undo(lab.ctx, action, lab.journal)
    with pytest.raises(NotFoundError):
        await lab.kube.get(action.proposal.target)


async def test_undo_of_a_creation_keeps_what_others_put_into_it(lab):
    action = await creation(lab)
    await operations.apply(lab.ctx, action, lab.journal)
    await lab.kube.patch(action.proposal.target, {"data": {"least": "1"}}, "merge")
    with pytest.raises(ConflictError, match="least was changed by somebody else"):
        await operations.undo(lab.ctx, action, lab.journal)
    assert (await lab.kube.get(action.proposal.target))["data"] == {"most": "5", "least": "1"}


async def test_undo_of_a_creation_leaves_another_object_of_its_name(lab):
    action = await creation(lab)
    await operations.apply(lab.ctx, action, lab.journal)
    await lab.kube.delete(action.proposal.target)
    await lab.kube.create(action.edits[0].manifest)
    assert await operations.undo(lab.ctx, action, lab.journal) == ()
    await lab.kube.get(action.proposal.target)


async def test_what_is_written_between_the_look_and_the_deletion_is_kept(lab):
    action = await creation(lab)
    await operations.apply(lab.ctx, action, lab.journal)
    version = (await lab.kube.get(action.proposal.target))["metadata"]["resourceVersion"]
    await lab.kube.patch(action.proposal.target, {"data": {"least": "1"}}, "merge")
    with pytest.raises(ConflictError):
        await lab.kube.delete(action.proposal.target, resource_version=version)
    await lab.kube.get(action.proposal.target)


async def test_undo_of_what_somebody_put_back_writes_nothing(lab):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    await operations.apply(lab.ctx, action, lab.journal)
    await lab.other().patch(GEO, {"spec": {"replicas": 2}}, "merge")
    writes = len(lab.wire.writes)
    assert await operations.undo(lab.ctx, action, lab.journal) == ()
    assert len(lab.wire.writes) == writes


async def test_undo_of_what_was_never_begun(lab):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    with pytest.raises(NotPossibleError, match="never begun"):
        await operations.undo(lab.ctx, action, lab.journal)


async def test_a_resumed_change_does_not_overwrite_others(lab):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    kill_at(lab, "before write")
    with pytest.raises(lab.killed, match="before write"):
        await operations.apply(lab.ctx, action, lab.journal)
    await lab.other().patch(GEO, {"spec": {"replicas": 3}}, "merge")
    with pytest.raises(ConflictError, match="changed by somebody else"):
        await operations.apply(lab.ctx, action, lab.journal)
    assert read(await lab.kube.get(GEO), REPLICAS) == 3


def labelling(lab, value):
    """A write that raises the object's version and that no tool looks at."""

    async def write():
        await lab.other().patch(GEO, {"metadata": {"labels": {"seen": value}}}, "merge")

    return write


async def test_a_write_of_others_while_it_is_tried_hinders_no_preview(lab):
    lab.wire.meanwhile = [labelling(lab, value) for value in "abc"]
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    assert lab.wire.meanwhile == []
    assert [line for line in action.diff.splitlines()[2:] if line.startswith("+")] == ["+  replicas: 5"]


async def test_what_changes_without_end_is_not_tried_for_ever(lab):
    lab.wire.meanwhile = [labelling(lab, str(number)) for number in range(100)]
    with pytest.raises(ConflictError, match="Deployment/hotel/geo changes too often to be tried"):
        await operations.prepare(lab.ctx, scaling(), "a1")


async def test_refusals(lab):
    with pytest.raises(ActionRefusedError, match="read-only"):
        await operations.prepare(replace(lab.ctx, read_only=True), scaling(), "a1")
    with pytest.raises(ActionRefusedError, match="outside the namespaces"):
        await operations.prepare(replace(lab.ctx, namespaces=("other",)), scaling(), "a1")
    with pytest.raises(ActionRefusedError, match="names Service/hotel/geo but would change Deployment/hotel/geo"):
        await operations.prepare(lab.ctx, proposal("scale", SERVICE, workload=str(GEO), replicas=9), "a1")
    hidden = proposal("set_env", workload=str(GEO), container="geo", name="X", value=REDACTED)
    with pytest.raises(ActionRefusedError, match="never shown"):
        await operations.prepare(lab.ctx, hidden, "a1")
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    with pytest.raises(ActionRefusedError, match="read-only"):
        await operations.apply(replace(lab.ctx, read_only=True), action, lab.journal)
    with pytest.raises(ActionRefusedError, match="outside the namespaces"):
        await operations.apply(replace(lab.ctx, namespaces=("other",)), action, lab.journal)
    assert lab.wire.writes == []


async def test_what_cannot_be_prepared(lab):
    with pytest.raises(NotPossibleError, match="would change nothing"):
        await operations.prepare(lab.ctx, scaling(2), "a1")
    with pytest.raises(NotPossibleError, match="list_workloads changes nothing"):
        await operations.prepare(lab.ctx, proposal("list_workloads"), "a1")
    with pytest.raises(UnknownNameError, match="set_image"):
        await operations.prepare(lab.ctx, proposal("set_imag"), "a1")
    with pytest.raises(RetryWithOtherArgumentsError, match="argument replicas"):
        await operations.prepare(lab.ctx, scaling(-1), "a1")
    gone = Entity(kind="Deployment", namespace="hotel", name="gone")
    with pytest.raises(RetryWithOtherArgumentsError, match="Deployment/hotel/gone does not exist"):
        await operations.prepare(lab.ctx, proposal("scale", gone, workload=str(gone), replicas=1), "a1")


async def test_what_the_server_refuses_is_told_before_it_is_tried(lab):
    bad = proposal("patch_service", SERVICE, service=str(SERVICE), path="spec.ports[http].port", value=99999)
    with pytest.raises(RetryWithOtherArgumentsError):
        await operations.prepare(lab.ctx, bad, "a1")


async def test_a_missing_right_is_named(lab):
    ctx = replace(lab.ctx, kube=lab.viewer())
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "viewer"},
        "roleRef": role,
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer"}],
    }
    await lab.kube.create(binding)
    with pytest.raises(DeniedError, match=r"right to patch deployments.apps \(geo\) in namespace hotel is missing"):
        await operations.prepare(ctx, scaling(), "a1")


def port_proposal():
    arguments = {"service": str(SERVICE), "path": "spec.ports[http].targetPort", "value": 9999}
    return proposal("patch_service", SERVICE, **arguments)


async def test_what_others_wrote_since_it_was_shown_is_not_overwritten(lab):
    action = await operations.prepare(lab.ctx, port_proposal(), "a1")
    service = await lab.kube.get(SERVICE)
    ports = [*service["spec"]["ports"], {"name": "admin", "port": 9000, "protocol": "TCP"}]
    await lab.other().patch(SERVICE, {"spec": {"ports": ports}}, "merge")
    lab.wire.writes.clear()
    with pytest.raises(ConflictError, match="changed by somebody else since this was proposed"):
        await operations.apply(lab.ctx, action, lab.journal)
    assert (lab.wire.writes, lab.journal.intents) == ([], {})
    again = await operations.prepare(lab.ctx, port_proposal(), "a2")
    assert again.digest() != action.digest()
    await operations.apply(lab.ctx, again, lab.journal)
    left = (await lab.kube.get(SERVICE))["spec"]["ports"]
    assert [(port["name"], port["targetPort"]) for port in left] == [("http", 9999), ("admin", 9000)]


async def test_what_others_wrote_elsewhere_in_the_object_hinders_nothing(lab):
    action = await operations.prepare(lab.ctx, port_proposal(), "a1")
    await lab.other().patch(SERVICE, {"metadata": {"labels": {"team": "search"}}}, "merge")
    await operations.apply(lab.ctx, action, lab.journal)
    live = await lab.kube.get(SERVICE)
    assert (live["spec"]["ports"][0]["targetPort"], live["metadata"]["labels"]["team"]) == (9999, "search")


RATES = Entity(kind="ConfigMap", namespace="hotel", name="rate-config")


async def test_a_restart_is_the_same_change_at_a_later_moment(lab):
    restart = proposal("set_config_key", RATES, config_map=str(RATES), key="new", value="1", restart=True)
    action = await operations.prepare(lab.ctx, restart, "a1")
    lab.run(60)
    assert len(await operations.apply(lab.ctx, action, lab.journal)) == 2


async def test_another_reader_since_it_was_shown_is_not_restarted(lab):
    restart = proposal("set_config_key", RATES, config_map=str(RATES), key="new", value="1", restart=True)
    action = await operations.prepare(lab.ctx, restart, "a1")
    source = [{"configMapRef": {"name": RATES.name}}]
    template = {"spec": {"containers": [{"name": "geo", "envFrom": source}]}}
    await lab.other().patch(GEO, {"spec": {"template": template}}, "strategic")
    lab.wire.writes.clear()
    with pytest.raises(ConflictError, match="what this rests on was changed by somebody else"):
        await operations.apply(lab.ctx, action, lab.journal)
    assert (lab.wire.writes, lab.journal.intents) == ([], {})


RBAC = "rbac.authorization.k8s.io"
ROLE = Entity(kind="Role", namespace="hotel", name="reader")
BINDING = Entity(kind="RoleBinding", namespace="hotel", name="reader")
NARROW = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
ACCOUNT = {"kind": "ServiceAccount", "namespace": "hotel", "name": "geo"}


async def bound_role(lab):
    """A role that reads ConfigMaps, bound to nobody."""
    for entity, rest in (
        (ROLE, {"rules": [NARROW]}),
        (BINDING, {"roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "reader"}, "subjects": []}),
    ):
        meta = {"name": entity.name, "namespace": entity.namespace}
        await lab.other().create({"apiVersion": f"{RBAC}/v1", "kind": entity.kind, "metadata": meta, **rest})


async def test_a_role_that_was_widened_since_it_was_shown_is_not_given(lab):
    """The binding is as it was; what it would give is not what was approved."""
    await bound_role(lab)
    binding = proposal("edit_role_binding", BINDING, binding=str(BINDING), subjects=[ACCOUNT])
    action = await operations.prepare(lab.ctx, binding, "a1")
    await lab.other().patch(ROLE, {"rules": [EVERYTHING]}, "merge")
    lab.wire.writes.clear()
    with pytest.raises(ConflictError, match=r"since this was proposed: .*a person who may has to do it"):
        await operations.apply(lab.ctx, action, lab.journal)
    assert (lab.wire.writes, lab.journal.intents) == ([], {})
    assert (await lab.kube.get(BINDING)).get("subjects", []) == []


@pytest.mark.parametrize(
    ("point", "goes_on"), [("before write", False), ("after write", True), ("before record", True)]
)
async def test_what_is_made_in_part_goes_on_and_what_was_only_meant_is_planned_again(lab, point, goes_on):
    await bound_role(lab)
    binding = proposal("edit_role_binding", BINDING, binding=str(BINDING), subjects=[ACCOUNT])
    action = await operations.prepare(lab.ctx, binding, "a1")
    lab.wire.writes.clear()
    kill_at(lab, point)
    with pytest.raises(lab.killed, match=point):
        await operations.apply(lab.ctx, action, lab.journal)
    await lab.other().patch(ROLE, {"rules": [EVERYTHING]}, "merge")
    if goes_on:
        await operations.apply(lab.ctx, action, lab.journal)
    else:
        with pytest.raises(ConflictError, match="since this was proposed"):
            await operations.apply(lab.ctx, action, lab.journal)
    assert len([write for write in lab.wire.writes if "rolebindings" in write]) == int(goes_on)


async def test_what_an_action_has_made_is_known_wherever_it_was_cut_off(lab):
    action = await operations.prepare(lab.ctx, scaling(), "a1")
    assert await operations.made(lab.ctx, action, lab.journal) == ()
    for cut, made in (("before write", ()), ("after write", (GEO,))):
        lab.wire.fail = cut
        with pytest.raises(lab.killed):
            await operations.apply(lab.ctx, action, lab.journal)
        assert await operations.made(lab.ctx, action, lab.journal) == made
    await operations.apply(lab.ctx, action, lab.journal)
    assert await operations.made(lab.ctx, action, lab.journal) == (GEO,)
