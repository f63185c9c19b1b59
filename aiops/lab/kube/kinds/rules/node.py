"""Nodes: what they are asked to be, and the range of addresses for their pods."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import label_key, label_value
from aiops.lab.kube.kinds.checks.quantities import plain_list
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

POD_RANGE = IPv4Network("10.244.0.0/16")
NODE_PREFIX = 24
SMALLEST_NETWORK = 8
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@rules("Node")
class NodeRules(Rules):
    """As the registry's `nodeStrategy`. A new node may bring its status: the kubelet registers it so."""

    drops_status = False

    def default(self, new: Manifest) -> None:
        new.setdefault("spec", {})
        _labels(new)
        status = new.get("status") or {}
        for field in ("capacity", "allocatable"):
            plain_list(status.get(field))

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        if not new["spec"].get("podCIDR"):
            new["spec"]["podCIDR"] = _free_range(reader)
        new["spec"].setdefault("podCIDRs", [new["spec"]["podCIDR"]])

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        for field in ("podCIDR", "podCIDRs"):
            if field in old.get("spec", {}):
                new["spec"].setdefault(field, old["spec"][field])

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from _taints(new["spec"].get("taints") or ())
        yield from _network(new["spec"].get("podCIDR"))

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        before, now = old.get("spec", {}), new["spec"]
        if before.get("providerID") and now.get("providerID") != before["providerID"]:
            yield forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid')
        for index, network in enumerate(before.get("podCIDRs") or ()):
            given = now.get("podCIDRs") or []
            if index >= len(given) or given[index] != network:
                why = 'node updates may not change podCIDR except from "" to valid'
                yield forbidden("spec.podCIDRs", why)
                break


def _labels(node: Manifest) -> None:
    """The kubelet's own labels."""
    labels = node["metadata"].setdefault("labels", {})
    labels.setdefault("kubernetes.io/hostname", node["metadata"].get("name", ""))
    labels.setdefault("kubernetes.io/os", "linux")
    labels.setdefault("kubernetes.io/arch", "amd64")


def _free_range(reader: Reader) -> str:
    taken = {node["spec"].get("podCIDR") for node in reader.objects("Node")}
    return next(str(net) for net in POD_RANGE.subnets(new_prefix=NODE_PREFIX) if str(net) not in taken)


def _network(network: str | None) -> Iterator[Cause]:
    try:
        usable = network is None or IPv4Network(network).num_addresses >= SMALLEST_NETWORK
    except ValueError:
        usable = False
    if not usable:
        why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        yield invalid_value("spec.podCIDRs[0]", network, why)


def _taints(taints: Any) -> Iterator[Cause]:
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        path = f"metadata.taints[{index}]"  # the server's own slip; clients see it so
        key, effect = taint.get("key", ""), taint.get("effect", "")
        for why in label_key(key):
            yield invalid_value(f"{path}.key", key, why)
        for why in label_value(taint.get("value", "")):
            yield invalid_value(f"{path}.value", taint["value"], why)
        if not effect:
            yield required(f"{path}.effect")
        elif effect not in _EFFECTS:
            yield not_supported(f"{path}.effect", effect, _EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": taint.get("value", ""), "Effect": effect, "TimeAdded": taint.get("timeAdded")}
            yield duplicate(path, shown, "taints must be unique by key and effect pair")
        seen.add((key, effect))
