"""Roles, ClusterRoles and their bindings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_subdomain, path_segment
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_GROUP = "rbac.authorization.k8s.io"
_KINDS = ("ServiceAccount", "User", "Group")


class _Named(Rules):
    name_format = staticmethod(path_segment)


class _WithRules(_Named):
    """The list of rules is always there; an empty one is null, as Go writes it."""

    def default(self, new: Manifest) -> None:
        new.setdefault("rules", None)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["rules"] = new.get("rules") or None

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        new["rules"] = new.get("rules") or None


@rules("Role")
class RoleRules(_WithRules):
    """As `ValidateRole`."""

    def validate(self, new: Manifest) -> Iterator[Cause]:
        for index, rule in enumerate(new.get("rules") or ()):
            yield from _rule(rule, f"rules[{index}]", namespaced=True)


@rules("ClusterRole")
class ClusterRoleRules(_WithRules):
    """As `ValidateClusterRole`."""

    def validate(self, new: Manifest) -> Iterator[Cause]:
        for index, rule in enumerate(new.get("rules") or ()):
            yield from _rule(rule, f"rules[{index}]", namespaced=False)
        if new.get("aggregationRule") is None:
            return
        path = "aggregationRule.clusterRoleSelectors"
        selectors = new["aggregationRule"].get("clusterRoleSelectors") or ()
        if not selectors:
            yield required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
        for index, selector in enumerate(selectors):
            yield from label_selector(selector, f"{path}[{index}]")


def _rule(rule: Spec, path: str, *, namespaced: bool) -> Iterator[Cause]:
    if not rule.get("verbs"):
        yield required(f"{path}.verbs", "verbs must contain at least one value")
    urls = rule.get("nonResourceURLs")
    if urls:
        if namespaced:
            why = "namespaced rules cannot apply to non-resource URLs"
            yield invalid_value(f"{path}.nonResourceURLs", urls, why)
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            why = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid_value(f"{path}.nonResourceURLs", urls, why)
        return
    if not rule.get("apiGroups"):
        yield required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required(f"{path}.resources", "resource rules must supply at least one resource")


class _Binding(_Named):
    kinds: tuple[str, ...] = ()
    namespaced = True

    def default(self, new: Manifest) -> None:
        reference = new.setdefault("roleRef", {})
        if not reference.get("apiGroup"):
            reference["apiGroup"] = _GROUP
        for subject in new.get("subjects") or ():
            if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
                subject["apiGroup"] = _GROUP

    def validate(self, new: Manifest) -> Iterator[Cause]:
        reference = new["roleRef"]
        if reference["apiGroup"] != _GROUP:
            yield not_supported("roleRef.apiGroup", reference["apiGroup"], (_GROUP,))
        if reference.get("kind") not in self.kinds:
            yield not_supported("roleRef.kind", reference.get("kind", ""), self.kinds)
        name = reference.get("name", "")
        if not name:
            yield required("roleRef.name")
        for why in path_segment(name):
            yield invalid_value("roleRef.name", name, why)
        for index, subject in enumerate(new.get("subjects") or ()):
            yield from _subject(subject, f"subjects[{index}]", self.namespaced)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        if new["roleRef"] != old.get("roleRef"):
            shown = {go: new["roleRef"].get(name, "") for go, name in
                     (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name"))}  # fmt: skip
            yield invalid_value("roleRef", shown, "cannot change roleRef")


@rules("RoleBinding")
class RoleBindingRules(_Binding):
    """As `ValidateRoleBinding`."""

    kinds = ("Role", "ClusterRole")


@rules("ClusterRoleBinding")
class ClusterRoleBindingRules(_Binding):
    """As `ValidateClusterRoleBinding`."""

    kinds = ("ClusterRole",)
    namespaced = False


def _subject(subject: Spec, path: str, namespaced: bool) -> Iterator[Cause]:
    kind, name, group = subject.get("kind", ""), subject.get("name", ""), subject.get("apiGroup", "")
    if not name:
        yield required(f"{path}.name")
    if kind == "ServiceAccount":
        for why in dns_subdomain(name) if name else ():
            yield invalid_value(f"{path}.name", name, why)
        if group:
            yield not_supported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in ("User", "Group"):
        if group != _GROUP:
            yield not_supported(f"{path}.apiGroup", group, (_GROUP,))
    else:
        yield not_supported(f"{path}.kind", kind, _KINDS)
