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
        ("Service", "spec.internalTrafficPolicy", Mechanism.NETWORK_TRAFFIC_POLICY),
        ("Ingress", "spec.rules", Mechanism.CONFIG_INGRESS),
        ("Ingress", "metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]", Mechanism.NETWORK_PROXY),
        ("Secret", "data[.dockerconfigjson]", Mechanism.IMAGE_CREDENTIALS),
        ("Deployment", "spec.strategy.type", Mechanism.ROLLOUT_STRATEGY),
        ("Deployment", "spec.paused", Mechanism.ROLLOUT_STRATEGY),
        ("Deployment", "spec.template.spec.initContainers[load].command", Mechanism.CONFIG_INIT_CONTAINER),
        ("Deployment", "spec.template.spec.containers[web].args[0]", Mechanism.CONFIG_COMMAND),
        ("Deployment", "spec.template.spec.containers[proxy]", Mechanism.CONFIG_SIDECAR),
        ("Deployment", "spec.template.spec.containers[web].ports[http].name", Mechanism.CONFIG_TARGET_PORT),
        ("Deployment", "spec.template.spec.containers[web].ports[http].hostPort", Mechanism.SCHEDULING_HOST_PORT),
        ("Deployment", "spec.template.spec.containers[web].volumeMounts", Mechanism.CONFIG_FILE),
        ("Deployment", "spec.template.spec.volumes[c].configMap.name", Mechanism.CONFIG_FILE),
        ("Deployment", "spec.template.spec.volumes[d].persistentVolumeClaim.claimName", Mechanism.STORAGE_CLAIM),
        ("Deployment", "spec.template.spec.dnsPolicy", Mechanism.DNS_POLICY),
        ("Deployment", "spec.template.spec.imagePullSecrets", Mechanism.IMAGE_CREDENTIALS),
        ("Job", "spec.template.spec.containers[t].resources.limits[nvidia.com/gpu]", Mechanism.ACCELERATOR_SHAPE),
        ("HorizontalPodAutoscaler", "spec.behavior.scaleUp.policies", Mechanism.SCALING_BOUNDS),
        ("HorizontalPodAutoscaler", "spec.metrics", Mechanism.SCALING_METRIC),
        ("MutatingWebhookConfiguration", "webhooks[a].clientConfig.service.port", Mechanism.ADMISSION_WEBHOOK),
        ("MutatingWebhookConfiguration", "webhooks[a].rules", Mechanism.RESOURCE_MUTATED),
        ("Node", "spec.unschedulable", Mechanism.SCHEDULING_CORDON),
        ("Deployment", "metadata.labels.team", None),
        ("Deployment", "spec.template.metadata.annotations[note]", None),
    ],
)
def test_a_field_tells_what_its_change_could_break(kind: str, path: str, mechanism: Mechanism | None) -> None:
    change = _change("a", 0, kind, path)
    assert mechanism_of(change, change.fields[0]) == mechanism


def test_a_traffic_policy_that_is_taken_away_keeps_nobody_from_an_endpoint() -> None:
    change = _change("a", 0, "Service", "spec.internalTrafficPolicy")
    for new, mechanism in (("Local", Mechanism.NETWORK_TRAFFIC_POLICY), ("Cluster", None), (None, None)):
        assert mechanism_of(change, change.fields[0].model_copy(update={"new": new})) == mechanism


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


@pytest.mark.parametrize(
    ("path", "old", "new", "mechanism"),
    [
        ("env[A].value", "true", "false", Mechanism.APP_FEATURE_FLAG),
        ("env[SEARCH_MODE].value", "classic", "streaming", Mechanism.APP_FEATURE_FLAG),
        ("env[USE_NEW_PARSER]", None, {"name": "USE_NEW_PARSER", "value": "v2"}, Mechanism.APP_FEATURE_FLAG),
        ("env[ROLLOUT_PERCENT].value", "0%", "50%", Mechanism.APP_FEATURE_FLAG),
        ("env[DB_HOST].value", "orders", "archive", Mechanism.CONFIG_ENV_VALUE),
        ("env[CART_ADDR].value", "cart:80", "cart:8080", Mechanism.CONFIG_ENV_VALUE),
        ("env[POOL_SIZE].value", "50", "2", Mechanism.CONFIG_ENV_VALUE),
        ("env[A]", {"name": "A", "value": "1"}, None, Mechanism.CONFIG_ENV_MISSING),
        ("env[A].value", None, "x:1", Mechanism.CONFIG_ENV_SHADOWED),
        ("env", [{"name": "A"}], [{"name": "A"}, {"name": "A"}], Mechanism.CONFIG_ENV_SHADOWED),
        ("envFrom", [{"configMapRef": {"name": "a"}}], [1, 2], Mechanism.CONFIG_ENV_SHADOWED),
        ("envFrom", [1, 2], [1], Mechanism.CONFIG_ENV_MISSING),
        ("image", "r.io/shop/cart:1", "r.io/shop/cart:2", Mechanism.APP_VERSION),
        ("image", "r.io/shop/cart:1", "mirror.io/cart@sha256:00", Mechanism.APP_VERSION),
        ("image", "r.io/shop/cart:1", "r.io/shop/orders:1", Mechanism.IMAGE_WRONG),
        ("resources.requests.memory", "1Gi", "64Gi", Mechanism.SCHEDULING_REQUEST),
    ],
)
def test_the_values_tell_what_kind_of_setting_was_changed(
    path: str, old: object, new: object, mechanism: Mechanism
) -> None:
    field = FieldChange(path=f"spec.template.spec.containers[a].{path}", old=old, new=new)
    entity = Entity(kind="Deployment", namespace="s", name="a")
    assert mechanism_of(Change(at=1, entity=entity, verb="updated", fields=(field,)), field) == mechanism


@pytest.mark.parametrize(
    ("path", "old", "new", "mechanism"),
    [
        ("data[app.yaml]", "a: 1", "a: 2", Mechanism.CONFIG_FILE),
        ("data.settings", "a\nb", "a\nc", Mechanism.CONFIG_FILE),
        ("data.new-checkout", "off", "on", Mechanism.APP_FEATURE_FLAG),
        ("data.url", "http://a", "http://b", Mechanism.CONFIG_ENV_VALUE),
        ("data[app.yaml]", "a: 1", None, Mechanism.CONFIG_MISSING_KEY),
    ],
)
def test_a_key_is_a_file_a_switch_or_a_value(path: str, old: object, new: object, mechanism: Mechanism) -> None:
    field = FieldChange(path=path, old=old, new=new)
    entity = Entity(kind="ConfigMap", namespace="s", name="a")
    assert mechanism_of(Change(at=1, entity=entity, verb="updated", fields=(field,)), field) == mechanism


@pytest.mark.parametrize(
    ("kind", "path", "old", "new", "mechanism"),
    [
        ("Node", "spec.taints", None, [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}], None),
        ("Node", "spec.taints", None, [{"key": "team", "effect": "NoSchedule"}], Mechanism.SCHEDULING_TAINT),
        ("ResourceQuota", "spec.hard.pods", "10", "20", None),
        ("ResourceQuota", "spec.hard.pods", "10", "2", Mechanism.RESOURCE_QUOTA),
        (
            "Deployment",
            "spec.template.spec.affinity",
            None,
            {"podAntiAffinity": {}},
            Mechanism.SCHEDULING_ANTI_AFFINITY,
        ),
    ],
)
def test_what_an_object_holds_tells_more_than_its_path(
    kind: str, path: str, old: object, new: object, mechanism: Mechanism | None
) -> None:
    field = FieldChange(path=path, old=old, new=new)
    change = Change(at=1, entity=Entity(kind=kind, name="a"), verb="updated", fields=(field,))
    assert mechanism_of(change, field) == mechanism
