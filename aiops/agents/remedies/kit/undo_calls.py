"""Which typed operation undoes the change of a field of an object."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiops.agents.remedies.kit.field_paths import VARIABLE, container_in
from aiops.core.changes import FieldChange
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read, write
from aiops.core.redaction import REDACTED
from aiops.tools.edit_network_policy import edit_network_policy
from aiops.tools.edit_role import edit_role
from aiops.tools.edit_role_binding import edit_role_binding
from aiops.tools.kit.registry import Tool
from aiops.tools.patch_service import PATH as SERVICE_FIELD
from aiops.tools.patch_service import patch_service
from aiops.tools.scale import scale
from aiops.tools.set_autoscaler import set_autoscaler
from aiops.tools.set_config_key import set_config_key
from aiops.tools.set_env import set_env
from aiops.tools.set_image import set_image
from aiops.tools.set_ingress_tls import set_ingress_tls
from aiops.tools.set_node_selector import set_node_selector
from aiops.tools.set_probe import set_probe
from aiops.tools.set_resources import set_resources

ToolCall = tuple[Tool[..., Any], dict[str, Any]]
"""A typed operation and its arguments."""

_RESOURCES = re.compile(r"\.resources\.(?P<part>limits|requests)\.(?P<resource>cpu|memory)$")
_PROBE = re.compile(
    r"\.(?P<probe>(?:readiness|liveness|startup)Probe)\.(?:(?:httpGet|tcpSocket|grpc)\.)?(?P<field>\w+)$"
)
_KEY = re.compile(r"^data(?:\.(?P<plain>[^.\[\]]+)|\[(?P<dotted>[^\]]+)\])$")
_TLS = re.compile(r"^(?P<entry>spec\.tls\[[^\]]+\])\.secretName$")
_PROBE_ARGUMENTS = {
    "port": "port",
    "path": "path",
    "timeoutSeconds": "timeout_seconds",
    "periodSeconds": "period_seconds",
    "initialDelaySeconds": "initial_delay_seconds",
    "failureThreshold": "failure_threshold",
}
NODE_SELECTOR = "spec.template.spec.nodeSelector"


def call_for(entity: Entity, field: FieldChange, live: Manifest | None) -> ToolCall | None:
    """The call that undoes one field's change; None where there is no tool for it, or its value before is not known."""
    if field.old == REDACTED:
        return None
    by_kind = _BY_KIND.get(entity.kind)
    if by_kind is not None:
        return by_kind(entity, field, live)
    if field.path == "spec.replicas" and isinstance(field.old, int):
        return scale, {"workload": entity, "replicas": field.old}
    if field.path.startswith(NODE_SELECTOR):
        return _node_selector(entity, field, live)
    container = container_in(field.path)
    return _in_container(entity, container, field) if container is not None else None


def call_for_parts(entity: Entity, fields: list[FieldChange], live: Manifest | None) -> ToolCall | None:
    """The call that undoes all changes of a list-shaped object at once (a policy's spec, a role's rules); None
    where somebody changed the list since, so that it cannot be put together piece by piece."""
    found = _WHOLE.get(entity.kind)
    if found is None or live is None:
        return None
    tool, argument, part = found
    before = {part: live.get(part)}
    undone: Any = before
    try:
        for field in reversed([f for f in fields if f.path.startswith(part)]):
            undone = write(undone, field.path, field.old)
    except KeyError:
        return None
    value = undone.get(part)
    if not value or undone == before:
        return None
    named = {"spec": "spec", "rules": "rules", "subjects": "subjects"}[part]
    return tool, {argument: entity, named: value}


_WHOLE: dict[str, tuple[Tool[..., Any], str, str]] = {
    "NetworkPolicy": (edit_network_policy, "policy", "spec"),
    "Role": (edit_role, "role", "rules"),
    "RoleBinding": (edit_role_binding, "binding", "subjects"),
}


def _service(entity: Entity, field: FieldChange, _: Manifest | None) -> ToolCall | None:
    if not SERVICE_FIELD.match(field.path) or (field.old is None and ".selector" not in field.path):
        return None
    return patch_service, {"service": entity, "path": field.path, "value": field.old}


def _config(entity: Entity, field: FieldChange, _: Manifest | None) -> ToolCall | None:
    """Readers take a key from their environment at their start, so they have to start again."""
    found = _KEY.match(field.path)
    if found is None or not (field.old is None or isinstance(field.old, str)):
        return None
    key = found["plain"] or found["dotted"]
    return set_config_key, {"config_map": entity, "key": key, "value": field.old, "restart": True}


def _autoscaler(entity: Entity, field: FieldChange, _: Manifest | None) -> ToolCall | None:
    argument = {"spec.minReplicas": "min_replicas", "spec.maxReplicas": "max_replicas"}.get(field.path)
    if argument is None or not isinstance(field.old, int):
        return None
    return set_autoscaler, {"autoscaler": entity, argument: field.old}


def _ingress(entity: Entity, field: FieldChange, live: Manifest | None) -> ToolCall | None:
    """The hosts whose certificate the change replaced, by one entry or by another list of entries."""
    if field.path == "spec.tls" and isinstance(field.old, list) and live is not None:
        now = _secrets(read(live, "spec.tls"))
        changed = {host: old for host, old in _secrets(field.old).items() if now.get(host) not in (None, old)}
        secrets = set(changed.values())
        return (set_ingress_tls, _serve(entity, list(changed), secrets.pop())) if len(secrets) == 1 else None
    found = _TLS.match(field.path)
    hosts = (read(live, found["entry"]) or {}).get("hosts") if found and live else None
    return (set_ingress_tls, _serve(entity, hosts, field.old)) if hosts and isinstance(field.old, str) else None


def _serve(ingress: Entity, hosts: list[str], secret: str) -> dict[str, Any]:
    return {"ingress": ingress, "hosts": hosts, "secret": secret}


def _secrets(entries: Any) -> dict[str, str]:
    """The Secret by host; of several entries for one host the first counts."""
    found: dict[str, str] = {}
    for entry in entries or []:
        for host in entry.get("hosts") or ():
            found.setdefault(host, entry.get("secretName", ""))
    return {host: secret for host, secret in found.items() if secret}


_BY_KIND: dict[str, Callable[[Entity, FieldChange, Manifest | None], ToolCall | None]] = {
    "Service": _service,
    "ConfigMap": _config,
    "HorizontalPodAutoscaler": _autoscaler,
    "Ingress": _ingress,
}


def _node_selector(entity: Entity, field: FieldChange, live: Manifest | None) -> ToolCall | None:
    """The selector is set as a whole: what it holds now, with this key as it was."""
    if live is None:
        return None
    now = {NODE_SELECTOR: read(live, NODE_SELECTOR) or {}}
    if field.path == NODE_SELECTOR:
        return set_node_selector, {"workload": entity, "selector": field.old or {}}
    wanted = write(now[NODE_SELECTOR], field.path.removeprefix(NODE_SELECTOR).removeprefix("."), field.old)
    return set_node_selector, {"workload": entity, "selector": wanted}


def _in_container(entity: Entity, container: str, field: FieldChange) -> ToolCall | None:
    path, old = field.path, field.old
    place: dict[str, Any] = {"workload": entity, "container": container}
    if path.endswith(".image") and isinstance(old, str):
        return set_image, {**place, "image": old}
    variable = VARIABLE.search(path)
    if variable is not None and isinstance(old, str):
        return set_env, {**place, "name": variable["name"], "value": old}
    resource = _RESOURCES.search(path)
    if resource is not None and old is not None:
        return set_resources, {**place, resource["part"]: {resource["resource"]: str(old)}}
    probe = _PROBE.search(path)
    argument = _PROBE_ARGUMENTS.get(probe["field"]) if probe is not None else None
    if probe is not None and argument is not None and old is not None:
        return set_probe, {**place, "probe": probe["probe"], argument: old}
    return None
