"""When certificates end, as the usual exporters tell it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiops.core.entity import Entity
from aiops.core.model import Value

METRICS = (
    "certmanager_certificate_expiration_timestamp_seconds",
    "nginx_ingress_controller_ssl_expire_time_seconds",
    "probe_ssl_earliest_cert_expiry",
    "x509_cert_not_after",
)
"""Of cert-manager, ingress-nginx, the blackbox exporter and the x509 certificate exporter, in unix seconds."""

EXPIRIES = f'{{__name__=~"{"|".join(METRICS)}"}}'
"""The PromQL of every end that is told."""

NAMESPACES = ("exported_namespace", "secret_namespace", "namespace")
NAMES = ("secret_name", "name", "host", "subject_CN", "instance")
HOSTS = ("host", "instance")
SERVED = ("nginx_ingress_controller_ssl_expire_time_seconds", "probe_ssl_earliest_cert_expiry")
"""Metrics of certificates that were seen on a connection or are loaded for a host; the others are only stored."""


class Certificate(Value):
    """One certificate. `subject` is its Secret where it is known; `end` in unix seconds.

    `host` is where it is served, empty where its metric tells of no host.
    """

    subject: Entity
    end: float
    host: str = ""


def certificate_of(labels: Mapping[str, str], end: float) -> Certificate:
    """What a series of `EXPIRIES` tells."""
    namespace = _first(labels, NAMESPACES)
    kind = "Secret" if labels.get("secret_name") else "Certificate"
    subject = Entity(kind=kind, namespace=namespace, name=_first(labels, NAMES) or "certificate")
    served = labels.get("__name__") in SERVED
    return Certificate(subject=subject, end=end, host=_host(_first(labels, HOSTS)) if served else "")


def expired(now: float) -> str:
    """The PromQL of the ends before `now` (unix seconds); zero stands for a certificate that was not read."""
    return f"({EXPIRIES} > 0) < {now:.0f}"


def vanished(before: float) -> str:
    """The PromQL of the certificates that a gateway served for a host `before` seconds ago and serves no more, while
    it still tells of itself: it takes its own instead of one that does not fit the host."""
    by, served = "namespace, secret_name, host", SERVED[0]
    return (
        f"max by ({by}) ({served} offset {before:.0f}s) unless on ({by}) {served} "
        f"and on () (count(nginx_ingress_controller_requests) > 0)"
    )


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")


def _host(text: str) -> str:
    """The host of a URL or of an address with a port."""
    try:
        return urlsplit(text if "//" in text else f"//{text}").hostname or text
    except ValueError:
        return text
