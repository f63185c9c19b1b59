from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.changes.mechanisms import mechanism_of, mechanism_of_object
from aiops.analysis.changes.suspicion import SLACK, rank_changes
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

ONSET = 10_000.0


def _change(name: str, at: float, kind: str = "Deployment", path: str = "spec.replicas") -> Change:
    field = FieldChange(path=path, old=2, new=1)
    return Change(at=at, entity=Entity(kind=kind, namespace="shop", name=name), verb="updated", fields=(field,))


def test_later_changes_are_no_suspects() -> None:
    found = rank_changes([_change("a", ONSET - 10), _change("b", ONSET + SLACK + 1)], ONSET, lambda _: 0)
    assert [s.change.entity.name for s in found] == ["a"]


def test_recent_and_near_changes_come_first() -> None:
    distance = {"near": 0, "far": 4, "old": 0, "apart": None}
    changes = [_change("old", ONSET - 6000), *(_change(n, ONSET - 60) for n in ("apart", "far", "near"))]
    found = rank_changes(changes, ONSET, lambda e: distance[e.name])
    assert [s.change.entity.name for s in found] == ["near", "far", "apart", "old"]


@given(st.lists(st.floats(0, 20_000), max_size=20), st.randoms())
def test_suspicion_is_a_share_and_does_not_depend_on_order(moments: list[float], random: object) -> None:
    changes = [_change(f"c{i}", at) for i, at in enumerate(moments)]
    found = rank_changes(changes, ONSET, lambda _: 1)
    assert all(0 <= s.suspicion <= 1 for s in found)
    assert found == rank_changes(changes[::-1], ONSET, lambda _: 1)


@pytest.mark.parametrize(
    ("kind", "path", "mechanism"),
    [
        ("Service", "spec.ports[http].targetPort", Mechanism.CONFIG_TARGET_PORT),
        ("Service", "spec.selector.app", Mechanism.CONFIG_SELECTOR),
        ("Deployment", "spec.template.spec.containers[web].image", Mechanism.APP_VERSION),
        ("Deployment", "spec.template.spec.containers[web].env[A].value", Mechanism.CONFIG_ENV_VALUE),
        ("Deployment", "spec.template.spec.containers[web].resources.limits.memory", Mechanism.RESOURCE_MEMORY_LIMIT),
        ("Deployment", "spec.template.spec.containers[web].resources.limits.cpu", Mechanism.RESOURCE_CPU_LIMIT),
        ("Deployment", "spec.template.spec.containers[web].readinessProbe.httpGet.path", Mechanism.CONFIG_PROBE),
        ("Deployment", "spec.template.spec.nodeSelector.disk", Mechanism.SCHEDULING_NODE_SELECTOR),
        ("StatefulSet", "spec.replicas", Mechanism.SCALING_REPLICAS),
        ("NetworkPolicy", "spec.ingress", Mechanism.NETWORK_POLICY),
        ("Role", "rules[0].verbs", Mechanism.AUTH_RBAC_DENIED),
        ("Secret", "data.tls.crt", Mechanism.TLS_CERTIFICATE_EXPIRED),
        ("ConfigMap", "data.url", Mechanism.CONFIG_ENV_VALUE),
        ("Deployment", "metadata.labels.team", None),
        ("Deployment", "spec.template.metadata.annotations[note]", None),
    ],
)
def test_a_field_tells_what_its_change_could_break(kind: str, path: str, mechanism: Mechanism | None) -> None:
    change = _change("a", 0, kind, path)
    assert mechanism_of(change, change.fields[0]) == mechanism


def test_a_key_that_was_taken_away_is_missing() -> None:
    field = FieldChange(path="data.url", old="x", new=None)
    change = Change(at=0, entity=Entity(kind="ConfigMap", name="c"), verb="updated", fields=(field,))
    assert mechanism_of(change, field) == Mechanism.CONFIG_MISSING_KEY


@pytest.mark.parametrize(
    ("kind", "verb", "mechanism"),
    [
        ("NetworkPolicy", "created", Mechanism.NETWORK_POLICY),
        ("RoleBinding", "deleted", Mechanism.AUTH_RBAC_DENIED),
        ("ConfigMap", "deleted", Mechanism.CONFIG_OBJECT_MISSING),
        ("Deployment", "created", None),
        ("NetworkPolicy", "updated", None),
    ],
)
def test_objects_that_come_or_go(kind: str, verb: str, mechanism: Mechanism | None) -> None:
    change = Change(at=0, entity=Entity(kind=kind, name="x"), verb=verb)  # type: ignore[arg-type]
    assert mechanism_of_object(change) == mechanism


@pytest.mark.parametrize(
    ("path", "old", "new", "harmless"),
    [
        ("spec.replicas", 2, 3, True),
        ("spec.replicas", 3, 2, False),
        ("spec.maxReplicas", 4, 8, True),
        ("spec.template.spec.containers[a].resources.limits.memory", "64Mi", "1Gi", True),
        ("spec.template.spec.containers[a].resources.limits.memory", "1Gi", "64Mi", False),
        ("spec.template.spec.containers[a].resources.limits.cpu", "1", None, True),
        ("spec.template.spec.containers[a].resources.limits.cpu", None, "1", False),
        ("spec.template.spec.containers[a].resources.requests.cpu", "100m", "50m", True),
        ("spec.template.spec.containers[a].resources.limits.cpu", "much", "more", False),
    ],
)
def test_more_of_what_can_be_too_little_breaks_nothing(path: str, old: object, new: object, harmless: bool) -> None:
    field = FieldChange(path=path, old=old, new=new)
    change = Change(at=1, entity=Entity(kind="Deployment", namespace="s", name="a"), verb="updated", fields=(field,))
    assert (mechanism_of(change, field) is None) == harmless
