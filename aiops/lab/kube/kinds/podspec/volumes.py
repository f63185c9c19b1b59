"""Volumes of a pod: exactly one source each, every reference named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, dns_subdomain
from aiops.lab.kube.kinds.checks.numbers import amount
from aiops.lab.kube.kinds.podspec.references import field_selector, resource_field_selector

Source = dict[str, Any]

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 2**32
VOLUME_FIELDS = frozenset(
    ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
)


def volumes(items: list[Source], path: str, pod_name: str, usable: dict[str, Source]) -> Iterator[Cause]:
    """Every wrong field of the volumes; the right ones are added to `usable` by name."""
    created = {f"{pod_name}-{item.get('name')}" for item in items if "ephemeral" in item} if pod_name else set()
    for index, item in enumerate(items):
        where, name = f"{path}[{index}]", item.get("name", "")
        wrong = [*_source(item, where, pod_name), *_name(name, f"{where}.name")]
        if name in usable:
            wrong.append(duplicate(f"{where}.name", name))
        if not wrong:
            usable[name] = item
        yield from wrong
        claim = (item.get("persistentVolumeClaim") or {}).get("claimName")
        if claim in created:
            why = "must not reference a PVC that gets created for an ephemeral volume"
            yield invalid_value(f"{where}.persistentVolumeClaim.claimName", claim, why)


def _name(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path)
        return
    for why in dns_label(name):
        yield invalid_value(path, name, why)


def _source(volume: Source, path: str, pod_name: str) -> Iterator[Cause]:
    found = False
    for field, check in SOURCES.items():
        source = volume.get(field)
        if source is None:
            continue
        if found:
            yield forbidden(f"{path}.{field}", "may not specify more than 1 volume type")
            continue
        found = True
        yield from check(source, f"{path}.{field}")
        if field == "ephemeral" and pod_name and volume.get("name"):
            claim = f"{pod_name}-{volume['name']}"
            for why in dns_subdomain(claim):
                yield invalid_value(f"{path}.name", volume["name"], f'PVC name "{claim}": {why}')
    if not found and len(volume) <= 1:
        yield required(path, "must specify a volume type")


def _empty_dir(source: Source, path: str) -> Iterator[Cause]:
    if source.get("sizeLimit") is not None and amount(source["sizeLimit"]) < 0:
        yield forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _host_path(source: Source, path: str) -> Iterator[Cause]:
    if not source.get("path"):
        yield required(f"{path}.path")
        return
    yield from no_backsteps(source["path"], f"{path}.path")
    if source.get("type", "") not in _HOST_PATH_TYPES:
        yield not_supported(f"{path}.type", source["type"], _HOST_PATH_TYPES)


def _secret(source: Source, path: str) -> Iterator[Cause]:
    if not source.get("secretName"):
        yield required(f"{path}.secretName")
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    yield from _items(source, path)


def _config_map(source: Source, path: str) -> Iterator[Cause]:
    if not source.get("name"):
        yield required(f"{path}.name")
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    yield from _items(source, path)


def _items(source: Source, path: str) -> Iterator[Cause]:
    for index, item in enumerate(source.get("items") or ()):
        where = f"{path}.items[{index}]"
        if not item.get("key"):
            yield required(f"{where}.key")
        if not item.get("path"):
            yield required(f"{where}.path")
        yield from non_reserved(item.get("path", ""), f"{where}.path")
        yield from _mode(item.get("mode"), f"{where}.mode")


def _mode(mode: int | None, path: str) -> Iterator[Cause]:
    if mode is not None and not 0 <= mode <= 0o777:
        yield invalid_value(path, mode, _MODE)


def _claim(source: Source, path: str) -> Iterator[Cause]:
    if not source.get("claimName"):
        yield required(f"{path}.claimName")


def _nfs(source: Source, path: str) -> Iterator[Cause]:
    for field in ("server", "path"):
        if not source.get(field):
            yield required(f"{path}.{field}")
    if not source.get("path", "").startswith("/"):
        yield invalid_value(f"{path}.path", source.get("path", ""), "must be an absolute path")


def _downward(source: Source, path: str) -> Iterator[Cause]:
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    for item in source.get("items") or ():
        yield from _downward_file(item, path)


def _downward_file(item: Source, path: str) -> Iterator[Cause]:
    if not item.get("path"):
        yield required(f"{path}.path")
    yield from non_reserved(item.get("path", ""), f"{path}.path")
    if "fieldRef" in item:
        yield from field_selector(item["fieldRef"], f"{path}.fieldRef", VOLUME_FIELDS)
        if "resourceFieldRef" in item:
            why = "fieldRef and resourceFieldRef can not be specified simultaneously"
            yield invalid_value(path, "resource", why)
    elif "resourceFieldRef" in item:
        yield from resource_field_selector(item["resourceFieldRef"], f"{path}.resourceFieldRef", volume=True)
    else:
        yield required(path, "one of fieldRef and resourceFieldRef is required")
    yield from _mode(item.get("mode"), f"{path}.mode")


def _projected(source: Source, path: str) -> Iterator[Cause]:
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    taken: set[str] = set()
    for index, item in enumerate(source.get("sources") or ()):
        where = f"{path}.sources[{index}]"
        for field in ("secret", "configMap"):
            if field in item:
                yield from _named_projection(item[field], f"{where}.{field}", path, taken)
        if "downwardAPI" in item:
            for file in item["downwardAPI"].get("items") or ():
                yield from _downward_file(file, f"{where}.downwardAPI")
                yield from _once(file.get("path", ""), file.get("path", ""), path, taken)
        if "serviceAccountToken" in item:
            yield from _token(item["serviceAccountToken"], f"{where}.serviceAccountToken", path)
        if len(item) > 1:
            yield forbidden(where, "may not specify more than 1 volume type per source")


def _named_projection(source: Source, path: str, volume: str, taken: set[str]) -> Iterator[Cause]:
    if not source.get("name"):
        yield required(f"{path}.name")
    yield from _items(source, path)
    for item in source.get("items") or ():
        yield from _once(item.get("path", ""), source.get("name", ""), volume, taken)


def _once(file: str, shown: str, path: str, taken: set[str]) -> Iterator[Cause]:
    if file and file in taken:
        yield invalid_value(path, shown, "conflicting duplicate paths")
    taken.add(file)


def _token(source: Source, path: str, volume: str) -> Iterator[Cause]:
    seconds = source.get("expirationSeconds", _SHORTEST_TOKEN)
    if seconds < _SHORTEST_TOKEN:
        yield invalid_value(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > _LONGEST_TOKEN:
        yield invalid_value(f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    if not source.get("path"):
        yield required(f"{volume}.path")
    else:
        yield from non_reserved(source["path"], f"{volume}.path")


def _csi(source: Source, path: str) -> Iterator[Cause]:
    if not source.get("driver"):
        yield required(f"{path}.driver")


def _ephemeral(source: Source, path: str) -> Iterator[Cause]:
    template = source.get("volumeClaimTemplate")
    if template is None:
        yield required(f"{path}.volumeClaimTemplate")


def _image(source: Source, path: str) -> Iterator[Cause]:
    if not source.get("reference"):
        yield required(f"{path}.reference")


def no_backsteps(target: str, path: str) -> Iterator[Cause]:
    if ".." in target.split("/"):
        yield invalid_value(path, target, "must not contain '..'")


def descending(target: str, path: str) -> Iterator[Cause]:
    """Neither absolute nor with a step up."""
    if target.startswith("/"):
        yield invalid_value(path, target, "must be a relative path")
    yield from no_backsteps(target, path)


def non_reserved(target: str, path: str) -> Iterator[Cause]:
    yield from descending(target, path)
    if target.startswith("..") and not target.startswith("../") and ".." not in target.split("/"):
        yield invalid_value(path, target, "must not start with '..'")


SOURCES: dict[str, Callable[[Source, str], Iterator[Cause]]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "secret": _secret,
    "nfs": _nfs,
    "persistentVolumeClaim": _claim,
    "downwardAPI": _downward,
    "configMap": _config_map,
    "projected": _projected,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
