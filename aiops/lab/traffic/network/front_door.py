"""TLS at the gateway: which certificate users get for a host, and whether they take it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from aiops.core.entity import Manifest
from aiops.lab.ports import ClusterView
from aiops.lab.writes import Writes


@dataclass(frozen=True, slots=True)
class Served:
    """The certificate for a host. `ends` and `begins` in unix seconds; `names` are its DNS names."""

    host: str
    namespace: str
    secret: str
    begins: float
    ends: float
    names: tuple[str, ...]

    def covers(self, host: str) -> bool:
        """Whether a name in it is the host; `*.` stands for one label."""
        return any(name in (host, f"*.{host.partition('.')[2]}") for name in self.names)


class FrontDoor:
    """The certificates that the gateway serves, read from Ingresses and Secrets whenever one has changed.

    As in ingress-nginx the first TLS entry that names a host gives its Secret; where that holds no certificate for
    the host, users get the controller's own, which nobody trusts."""

    def __init__(self, view: ClusterView) -> None:
        self._view = view
        self._writes = Writes(view, ("Ingress", "Secret"))
        self._fingerprint: tuple[str, ...] = ()
        self._entries: dict[str, Served | None] = {}
        self._good: dict[str, Served] = {}
        self._parsed: dict[tuple[str, str], tuple[float, float, tuple[str, ...]] | None] = {}

    def served(self) -> list[Served]:
        """Every certificate in use, by host."""
        self._read()
        return list(self._good.values())

    def unusable(self) -> list[tuple[str, str]]:
        """(host, Secret) of the entries that give no certificate for their host."""
        self._read()
        return [
            (host, f"{found.namespace}/{found.secret}")
            for host, found in self._entries.items()
            if found is not None and host not in self._good
        ]

    def trusted(self, host: str, now: float) -> bool:
        """Whether users who ask for a host at `now` (unix seconds) get a certificate that holds."""
        self._read()
        found = self._good.get(host)
        return found is not None and found.begins <= now < found.ends

    def _read(self) -> None:
        if not self._writes.come():
            return
        ingresses, secrets = list(self._view.objects("Ingress")), list(self._view.objects("Secret"))
        fingerprint = tuple(_version(item) for item in (*ingresses, *secrets))
        if fingerprint == self._fingerprint:
            return
        self._fingerprint = fingerprint
        self._entries = {}
        for ingress in ingresses:
            for host, secret in _tls_hosts(ingress):
                self._entries.setdefault(host, self._certificate(ingress["metadata"]["namespace"], secret, host))
        self._good = {host: found for host, found in self._entries.items() if found is not None and found.covers(host)}

    def _certificate(self, namespace: str, name: str, host: str) -> Served | None:
        secret = self._view.find("Secret", namespace, name)
        if secret is None:
            return None
        text = (secret.get("data") or {}).get("tls.crt", "")
        key = (_version(secret), name)
        if key not in self._parsed:
            self._parsed[key] = _parse(text)
        parsed = self._parsed[key]
        return None if parsed is None else Served(host, namespace, name, *parsed)


def _tls_hosts(ingress: Manifest) -> Iterator[tuple[str, str]]:
    for entry in ingress["spec"].get("tls") or ():
        for host in entry.get("hosts") or ():
            yield host, entry.get("secretName", "")


def _version(manifest: Manifest) -> str:
    return f"{manifest['metadata'].get('uid')}/{manifest['metadata'].get('resourceVersion')}"


def _parse(text: str) -> tuple[float, float, tuple[str, ...]] | None:
    """(begins, ends, names) of a certificate in a Secret; None where it holds none."""
    try:
        certificate = x509.load_pem_x509_certificate(base64.b64decode(text))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, binascii.Error, x509.ExtensionNotFound):
        return None
    found = tuple(names.get_values_for_type(x509.DNSName))
    return certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp(), found
