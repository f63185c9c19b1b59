"""Where a pod may run: affinities, tolerations, spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, dns_subdomain, label_value
from aiops.lab.kube.kinds.checks.labels import label_name, label_selector, requirement
from aiops.lab.kube.kinds.checks.numbers import POSITIVE

Term = dict[str, Any]

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def affinity(spec: Term, path: str) -> Iterator[Cause]:
    if "nodeAffinity" in spec:
        yield from _node_affinity(spec["nodeAffinity"], f"{path}.nodeAffinity")
    for field in ("podAffinity", "podAntiAffinity"):
        if field in spec:
            yield from _pod_affinity(spec[field], f"{path}.{field}")


def _node_affinity(spec: Term, path: str) -> Iterator[Cause]:
    if _REQUIRED in spec:
        yield from node_selector(spec[_REQUIRED], f"{path}.{_REQUIRED}")
    for index, term in enumerate(spec.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        yield from _weight(term, where)
        yield from _node_term(term.get("preference") or {}, f"{where}.preference", strict=False)


def node_selector(selector: Term, path: str) -> Iterator[Cause]:
    """A NodeSelector: at least one term."""
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        yield required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")
    for index, term in enumerate(terms):
        yield from _node_term(term, f"{path}.nodeSelectorTerms[{index}]", strict=True)


def _weight(term: Term, path: str) -> Iterator[Cause]:
    if not 1 <= term.get("weight", 0) <= 100:
        yield invalid_value(f"{path}.weight", term.get("weight", 0), "must be in the range 1-100")


def _node_term(term: Term, path: str, *, strict: bool) -> Iterator[Cause]:
    for index, entry in enumerate(term.get("matchExpressions") or ()):
        yield from requirement(entry, f"{path}.matchExpressions[{index}]", compares=True, judges_values=strict)
    for index, entry in enumerate(term.get("matchFields") or ()):
        yield from _node_field(entry, f"{path}.matchFields[{index}]")


def _node_field(entry: Term, path: str) -> Iterator[Cause]:
    operator, values, key = entry.get("operator", ""), entry.get("values") or (), entry.get("key", "")
    if operator not in ("In", "NotIn"):
        yield invalid_value(f"{path}.operator", operator, "not a valid selector operator")
    elif len(values) != 1:
        why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(f"{path}.values", why)
    if key != "metadata.name":
        yield invalid_value(f"{path}.key", key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        for why in dns_subdomain(value):
            yield invalid_value(f"{path}.values[{index}]", value, why)


def _pod_affinity(spec: Term, path: str) -> Iterator[Cause]:
    for index, term in enumerate(spec.get(_REQUIRED) or ()):
        yield from _pod_term(term, f"{path}.{_REQUIRED}[{index}]")
    for index, weighted in enumerate(spec.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        yield from _weight(weighted, where)
        yield from _pod_term(weighted.get("podAffinityTerm") or {}, f"{where}.podAffinityTerm")


def _pod_term(term: Term, path: str) -> Iterator[Cause]:
    yield from label_selector(term.get("labelSelector"), f"{path}.labelSelector")
    yield from label_selector(term.get("namespaceSelector"), f"{path}.namespaceSelector")
    for name in term.get("namespaces") or ():
        for why in dns_label(name):
            yield invalid_value(f"{path}.namespace", name, why)
    for field in ("matchLabelKeys", "mismatchLabelKeys"):
        yield from _label_keys(term, field, path)
    key = term.get("topologyKey", "")
    if not key:
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from label_name(key, f"{path}.topologyKey")


def _label_keys(term: Term, field: str, path: str) -> Iterator[Cause]:
    keys = term.get(field) or ()
    if keys and term.get("labelSelector") is None:
        yield forbidden(f"{path}.{field}", "must not be specified when labelSelector is not set")
        return
    for index, key in enumerate(keys):
        yield from label_name(key, f"{path}.{field}[{index}]")


def tolerations(items: list[Term], path: str) -> Iterator[Cause]:
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        key, operator, effect = item.get("key", ""), item.get("operator", ""), item.get("effect", "")
        if key:
            yield from label_name(key, f"{where}.key")
        elif operator != "Exists":
            why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield invalid_value(f"{where}.operator", operator, why)
        if item.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield invalid_value(f"{where}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
        yield from _operator(operator, item.get("value", ""), where)
        if effect and effect not in EFFECTS:
            yield not_supported(f"{where}.effect", effect, EFFECTS)


def _operator(operator: str, value: str, path: str) -> Iterator[Cause]:
    if operator in ("", "Equal"):
        if wrong := label_value(value):
            yield invalid_value(f"{path}.operator", value, ";".join(wrong))
    elif operator == "Exists":
        if value:
            yield invalid_value(f"{path}.operator", value, "value must be empty when `operator` is 'Exists'")
    else:
        known = ("Equal", "Exists", "Lt", "Gt") if operator in ("Lt", "Gt") else ("Equal", "Exists")
        yield not_supported(f"{path}.operator", operator, known)


def topology_spread(items: list[Term], path: str) -> Iterator[Cause]:

    for index, item in enumerate(items):
        where, action = f"{path}[{index}]", item.get("whenUnsatisfiable", "")
        if item.get("maxSkew", 0) <= 0:
            yield invalid_value(f"{where}.maxSkew", item.get("maxSkew", 0), POSITIVE)
        if not item.get("topologyKey"):
            yield required(f"{where}.topologyKey", "can not be empty")
        if action not in ("DoNotSchedule", "ScheduleAnyway"):
            yield not_supported(f"{where}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
        if any(_kind(other) == _kind(item) for other in items[index + 1 :]):
            pair = f"{{{item.get('topologyKey', '')}, {action}}}"
            yield duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", pair)
        yield from _min_domains(item.get("minDomains"), action, f"{where}.minDomains")
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if item.get(field) not in (None, "Honor", "Ignore"):
                yield not_supported(f"{where}.{field}", item[field], ("Honor", "Ignore"))
        yield from _label_keys(item, "matchLabelKeys", where)
        yield from label_selector(item.get("labelSelector"), f"{where}.labelSelector")


def _min_domains(count: int | None, action: str, path: str) -> Iterator[Cause]:
    if count is None:
        return
    if count <= 0:
        yield invalid_value(path, count, POSITIVE)
    if action != "DoNotSchedule":
        why = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        yield invalid_value(path, count, why)


def _kind(constraint: Term) -> tuple[Any, Any]:
    return constraint.get("topologyKey"), constraint.get("whenUnsatisfiable")
