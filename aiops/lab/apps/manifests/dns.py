"""The configuration of the cluster's DNS, and how its pods get it."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.parts import bare

NAMESPACE, CONFIG_MAP, KEY = "kube-system", "coredns", "Corefile"
_PATH, _VOLUME = "/etc/coredns", "config-volume"

STANDARD = """\
.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
        max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
"""


def dns_config() -> Manifest:
    """The ConfigMap with the Corefile of a new cluster."""
    return {**bare("v1", "ConfigMap", NAMESPACE, CONFIG_MAP), "data": {KEY: STANDARD}}


def dns_volume() -> dict[str, Any]:
    """The volume with the Corefile."""
    return {"name": _VOLUME, "configMap": {"name": CONFIG_MAP, "items": [{"key": KEY, "path": KEY}]}}


def dns_container() -> dict[str, Any]:
    """What a container of the DNS has beside what every container has."""
    return {
        "args": ["-conf", f"{_PATH}/{KEY}"],
        "volumeMounts": [{"name": _VOLUME, "mountPath": _PATH, "readOnly": True}],
    }
