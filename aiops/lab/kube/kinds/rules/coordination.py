"""Leases, Events and RuntimeClasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, invalid_value, required
from aiops.lab.kube.kinds.checks.formats import dns_label
from aiops.lab.kube.kinds.rules.base import Rules, rules

_EVENT_FIELDS: tuple[tuple[str, Any], ...] = (
    ("source", {}),
    ("firstTimestamp", None),
    ("lastTimestamp", None),
    ("eventTime", None),
    ("reportingComponent", ""),
    ("reportingInstance", ""),
)


@rules("Lease")
class LeaseRules(Rules):
    """As `ValidateLeaseSpec`."""

    def default(self, new: Manifest) -> None:
        new.setdefault("spec", {})

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
        if seconds is not None and seconds <= 0:
            yield invalid_value("spec.leaseDurationSeconds", seconds, "must be greater than 0")
        if transitions is not None and transitions < 0:
            yield invalid_value("spec.leaseTransitions", transitions, "must be greater than or equal to 0")


@rules("Event")
class EventRules(Rules):
    """Events of the core group; most of their fields are written even when they are empty."""

    drops_status = False

    def default(self, new: Manifest) -> None:
        new.setdefault("involvedObject", {})
        for field, empty in _EVENT_FIELDS:
            new.setdefault(field, {} if empty == {} else empty)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        involved, own = new["involvedObject"].get("namespace", ""), new["metadata"].get("namespace", "")
        path = "involvedObject.namespace"
        if new.get("eventTime") is None:
            if involved != own and (involved or own != "default"):
                yield invalid_value(path, involved, "does not match event.namespace")
            return
        if not involved and own not in ("default", "kube-system"):
            yield invalid_value(path, involved, "does not match event.namespace")
        for field in ("reportingComponent", "reportingInstance", "action", "reason"):
            if not new.get(field):
                yield required(field)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        return self.validate(new)


@rules("RuntimeClass")
class RuntimeClassRules(Rules):
    """The handler stays."""

    def validate(self, new: Manifest) -> Iterator[Cause]:
        handler = new.get("handler", "")
        if not handler:
            yield required("handler")
            return
        for why in dns_label(handler):
            yield invalid_value("handler", handler, why)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        if new.get("handler") != old.get("handler"):
            yield invalid_value("handler", new.get("handler"), IMMUTABLE)
