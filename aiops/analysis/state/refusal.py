"""The API server's words about a refused pod, and the objects that they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiops.analysis.policy.pod_rights import gained_rights
from aiops.analysis.state.cluster import ClusterState, is_ready, pod_template
from aiops.analysis.state.effective import mutators
from aiops.analysis.state.placing.asking import amount, requested
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

_EXCEEDED = re.compile(r"exceeded quota: (?P<name>[\w.\-]+), requested: (?P<asked>.*?), used: ")
_UNSAID = re.compile(r"failed quota: (?P<name>[\w.\-]+): must specify (?P<what>[\w.\-/]+)")
_BOUNDS = re.compile(
    r"(?P<way>maximum|minimum) (?P<resource>\S+) usage per (?P<type>\S+) is"
    r"|(?P<ratio>\S+) max limit to request ratio per (?P<each>\S+) is"
)
_LEVEL = re.compile(r'violates PodSecurity "(?P<level>[^"]+)"')
_CALL = re.compile(r'failed calling webhook "(?P<name>[^"]+)"')
_DENIAL = re.compile(r'admission webhook "(?P<name>[^"]+)" denied the request')
_INVALID = re.compile(r"is invalid: .*must be less than or equal to (?P<resource>\S+) limit of (?P<limit>[\w.]+)")
ENFORCE = "metadata.labels[pod-security.kubernetes.io/enforce]"
SURE, LIKELY, POSSIBLE = 0.92, 0.75, 0.45


def suspects(state: ClusterState, subject: Entity, maker: Manifest, message: str) -> Iterator[Hypothesis]:
    """What the message speaks for. `maker` is the object that could not make pods of its template."""
    former = [t for t in state.templates(subject) if t.get("spec") != pod_template(maker).get("spec")]
    yield from _quota(subject, maker, former[:1], message)
    yield from _limit_range(state, subject, message)
    if _LEVEL.search(message):
        yield from _pod_security(subject, maker, former[:1])
    if found := _INVALID.search(message):
        yield from _shaped(state, subject, maker, found["limit"])
    for pattern in (_CALL, _DENIAL):
        if found := pattern.search(message):
            yield from webhook_suspects(state, found["name"], answered=pattern is _DENIAL)


def _quota(subject: Entity, maker: Manifest, former: list[Manifest], message: str) -> Iterator[Hypothesis]:
    """The quota; less surely where the workload asks for more than it did."""
    exceeded, unsaid = _EXCEEDED.search(message), _UNSAID.search(message)
    found = exceeded or unsaid
    if found is None:
        return
    entity = Entity(kind="ResourceQuota", namespace=subject.namespace, name=found["name"])
    what = found["asked"].split("=")[0] if exceeded else found["what"]
    spec = pod_template(maker).get("spec") or {}
    grew = any(requested(spec, r) > requested(t.get("spec") or {}, r) for t in former for r in ("cpu", "memory"))
    field = f"spec.hard[{what}]" if "." in what or "/" in what else f"spec.hard.{what}"
    strength = LIKELY if grew else SURE
    yield Hypothesis(subject=entity, mechanism=Mechanism.RESOURCE_QUOTA, strength=strength, field=field)
    if grew:
        yield Hypothesis(subject=subject, mechanism=Mechanism.SCHEDULING_REQUEST, strength=POSSIBLE)


def _limit_range(state: ClusterState, subject: Entity, message: str) -> Iterator[Hypothesis]:
    """The limit ranges that have such a bound."""
    bounds = [
        (
            m["type"] or m["each"],
            {"maximum": "max", "minimum": "min"}.get(m["way"], "maxLimitRequestRatio"),
            m["resource"] or m["ratio"],
        )
        for m in _BOUNDS.finditer(message)
    ]
    for item in state.of("LimitRange", subject.namespace):
        for limit in item["spec"].get("limits") or ():
            if any(limit.get("type") == kind and what in (limit.get(part) or {}) for kind, part, what in bounds):
                yield _of_limits(item, f"spec.limits[{limit['type']}]")


def _shaped(state: ClusterState, subject: Entity, maker: Manifest, limit: str) -> Iterator[Hypothesis]:
    """A limit below the request that stands in the same template came from elsewhere."""
    template = pod_template(maker)
    written = [c.get("resources", {}).get("limits") or {} for c in template.get("spec", {}).get("containers") or ()]
    if any(amount(value) == amount(limit) for limits in written for value in limits.values()):
        return
    for item in state.of("LimitRange", subject.namespace):
        for one in item["spec"].get("limits") or ():
            if any(amount(value) == amount(limit) for value in (one.get("default") or {}).values()):
                field = f"spec.limits[{one['type']}].default"
                yield _of_limits(item, field)
                return
    labels = template.get("metadata", {}).get("labels") or {}
    pod = {"metadata": {"namespace": subject.namespace, "labels": labels}, "spec": template.get("spec") or {}}
    yield from mutators(state, pod)


def _of_limits(item: Manifest, field: str) -> Hypothesis:
    return Hypothesis(subject=Entity.of(item), mechanism=Mechanism.RESOURCE_LIMIT_RANGE, strength=SURE, field=field)


def _pod_security(subject: Entity, maker: Manifest, former: list[Manifest]) -> Iterator[Hypothesis]:
    """The workload, where it asks for other rights than before; else the level of the namespace."""
    fields = [field for template in former for field in gained_rights(template, pod_template(maker))]
    mechanism = Mechanism.ADMISSION_POD_SECURITY
    if fields:
        yield Hypothesis(subject=subject, mechanism=mechanism, strength=SURE, field=f"spec.template.spec.{fields[0]}")
    namespace = Entity(kind="Namespace", name=subject.namespace)
    strength = POSSIBLE if fields else SURE
    yield Hypothesis(subject=namespace, mechanism=mechanism, strength=strength, field=ENFORCE)


def webhook_suspects(state: ClusterState, name: str, *, answered: bool) -> Iterator[Hypothesis]:
    """The configuration that holds a webhook of this name, and the workload that should answer for it."""
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        for item in state.of(kind):
            for hook in item.get("webhooks") or ():
                if hook.get("name") == name:
                    yield from _of_hook(state, Entity.of(item), hook, answered=answered)


def _of_hook(state: ClusterState, config: Entity, hook: Manifest, *, answered: bool) -> Iterator[Hypothesis]:
    """A webhook that answers says no on purpose; one that does not has nobody behind it, or is sent elsewhere."""
    mechanism, field = Mechanism.ADMISSION_WEBHOOK, f"webhooks[{hook['name']}]"
    down = [] if answered else _unready(state, hook)
    strength = POSSIBLE if down else LIKELY if answered else SURE
    yield Hypothesis(subject=config, mechanism=mechanism, strength=strength, field=field)
    for workload in down:
        yield Hypothesis(subject=workload, mechanism=mechanism, strength=LIKELY)


def _unready(state: ClusterState, hook: Manifest) -> list[Entity]:
    """The workloads behind a webhook's Service that have no ready pod."""
    ref = (hook.get("clientConfig") or {}).get("service") or {}
    service = state.find("Service", ref.get("namespace", ""), ref.get("name", ""))
    backends = [Entity.of(workload) for workload in state.backends(service)] if service else []
    return [one for one in backends if not any(is_ready(pod) for pod in state.pods_of(one))]
