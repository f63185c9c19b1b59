"""ConfigMaps, Secrets and ServiceAccounts."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, forbidden, invalid_value, required, too_long
from aiops.lab.kube.kinds.checks.formats import config_key
from aiops.lab.kube.kinds.rules.base import Rules, rules

MOST_BYTES = 1024 * 1024
_IS_IMMUTABLE = "field is immutable when `immutable` is set"
_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"
_ACCOUNT = "kubernetes.io/service-account.name"
_DOCKER = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}


def _keys(values: dict[str, Any], path: str) -> Iterator[Cause]:
    for key in sorted(values):
        for why in config_key(key):
            yield invalid_value(f"{path}[{key}]", key, why)


def _kept(new: Manifest, old: Manifest, fields: tuple[str, ...]) -> Iterator[Cause]:
    """An object that is declared immutable stays so."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", _IS_IMMUTABLE)
    for field in fields:
        if (new.get(field) or {}) != (old.get(field) or {}):
            yield forbidden(field, _IS_IMMUTABLE)


@rules("ConfigMap")
class ConfigMapRules(Rules):
    """As `ValidateConfigMap`."""

    def validate(self, new: Manifest) -> Iterator[Cause]:
        data, binary = new.get("data") or {}, new.get("binaryData") or {}
        yield from _keys(data, "data")
        for key in sorted(data.keys() & binary.keys()):
            yield invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData")
        yield from _keys(binary, "binaryData")
        if sum(len(text.encode()) for text in data.values()) + _size(binary) > MOST_BYTES:
            yield too_long("[]", MOST_BYTES)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from _kept(new, old, ("data", "binaryData"))
        yield from self.validate(new)


@rules("Secret")
class SecretRules(Rules):
    """As `ValidateSecret`: some types must have certain keys."""

    def default(self, new: Manifest) -> None:
        if not new.get("type"):
            new["type"] = "Opaque"
        plain = new.pop("stringData", None)  # write-only: stored in `data`
        if plain:
            encoded = {key: b64encode(str(value).encode()).decode() for key, value in plain.items()}
            new["data"] = {**(new.get("data") or {}), **encoded}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        data = new.get("data") or {}
        yield from _keys(data, "data")
        if _size(data) > MOST_BYTES:
            yield too_long("data", MOST_BYTES)
        yield from _typed(new, data)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        if new.get("type") != old.get("type"):
            yield invalid_value("type", new.get("type"), IMMUTABLE)
        yield from _kept(new, old, ("data",))
        yield from self.validate(new)


def _typed(secret: Manifest, data: dict[str, str]) -> Iterator[Cause]:
    kind = secret.get("type", "Opaque")
    if kind == "kubernetes.io/service-account-token":
        if not (secret["metadata"].get("annotations") or {}).get(_ACCOUNT):
            yield required(f"metadata.annotations[{_ACCOUNT}]")
    elif kind in _DOCKER:
        yield from _docker(data, _DOCKER[kind])
    elif kind == "kubernetes.io/basic-auth":
        if "username" not in data and "password" not in data:
            yield required("data[username]")
            yield required("data[password]")
    elif kind == "kubernetes.io/ssh-auth":
        if not data.get("ssh-privatekey"):
            yield required("data[ssh-privatekey]")
    elif kind == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in data:
                yield required(f"data[{key}]")


def _docker(data: dict[str, str], key: str) -> Iterator[Cause]:
    if key not in data:
        yield required(f"data[{key}]")
        return
    content = _decoded(data[key])
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        why = "unexpected end of JSON input" if not content.strip() else _first_wrong(content)
        yield invalid_value(f"data[{key}]", "<secret contents redacted>", why)


def _first_wrong(content: bytes) -> str:
    """As Go's decoder says that a value does not begin like one."""
    return f"invalid character '{content.decode(errors='replace')[0]}' looking for beginning of value"


def _size(data: dict[str, str]) -> int:
    """Of base64 values, decoded."""
    return sum(len(text) * 3 // 4 - text[-2:].count("=") for text in data.values())


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text)
    except (binascii.Error, ValueError):
        return b""


@rules("ServiceAccount")
class ServiceAccountRules(Rules):
    """Nothing but the name is looked into."""

    def warnings(self, new: Manifest) -> Iterator[str]:
        if _MOUNTABLE in (new["metadata"].get("annotations") or {}):
            what = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
            yield f"metadata.annotations[{_MOUNTABLE}]: {what}"
