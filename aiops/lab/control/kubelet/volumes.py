"""The files that volumes put into a container, and why a volume cannot be set up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.errors import AiopsError
from aiops.lab.control.kubelet.downward import pod_field, resource_field
from aiops.lab.control.kubelet.sources import Reader, values_of

KINDS = (("ConfigMap", "configMap"), ("Secret", "secret"))


class MountError(AiopsError):
    """A volume cannot be set up. The text is the kubelet's."""


def mount_error(volume: str, why: str) -> MountError:
    return MountError(f'MountVolume.SetUp failed for volume "{volume}" : {why}')


def volumes_of(reader: Reader, pod: Manifest) -> dict[str, dict[str, str]]:
    """The files of every volume of a pod, by the volume's name; a path is relative to its mount. Raises `MountError`.

    Volumes without content of their own (emptyDir, hostPath, claims) have no files."""
    found: dict[str, dict[str, str]] = {}
    for volume in pod["spec"].get("volumes") or ():
        _check_claim(reader, pod, volume)
        found[volume["name"]] = dict(_content(reader, pod, volume))
    return found


def files_of(volumes: dict[str, dict[str, str]], container: Manifest) -> dict[str, str]:
    """What a container finds at its mounts, by absolute path."""
    found: dict[str, str] = {}
    for mount in container.get("volumeMounts") or ():
        content = volumes.get(mount["name"], {})
        path, sub = mount["mountPath"].rstrip("/"), (mount.get("subPath") or "").strip("/")
        if sub and sub in content:
            found[path] = content[sub]
        elif sub:
            found |= {f"{path}/{n.removeprefix(sub + '/')}": t for n, t in content.items() if n.startswith(sub + "/")}
        else:
            found |= {f"{path}/{name}": text for name, text in content.items()}
    return found


def sources_of(pod: Manifest) -> Iterator[tuple[str, str]]:
    """(kind, name) of every ConfigMap and Secret that the pod mounts."""
    for volume in pod["spec"].get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or [volume]:
            for kind, field in KINDS:
                if reference := source.get(field):
                    yield kind, reference.get("secretName") or reference.get("name", "")


def _content(reader: Reader, pod: Manifest, volume: Manifest) -> Iterator[tuple[str, str]]:
    sources = (volume.get("projected") or {}).get("sources") or [volume]
    for source in sources:
        for kind, field in KINDS:
            if reference := source.get(field):
                yield from _projected(reader, pod, volume["name"], kind, reference)
        for item in (source.get("downwardAPI") or {}).get("items") or ():
            yield item["path"], _downward(pod, volume["name"], item)
        if token := source.get("serviceAccountToken"):
            yield token.get("path", "token"), _token(pod)


def _projected(
    reader: Reader, pod: Manifest, volume: str, kind: str, reference: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    name = reference.get("secretName") or reference.get("name", "")
    content = values_of(reader, kind, pod["metadata"]["namespace"], name)
    if content is None:
        if reference.get("optional"):
            return
        raise mount_error(volume, f'{kind.lower()} "{name}" not found')
    for item in reference.get("items") or [{"key": key, "path": key} for key in content]:
        if item["key"] in content:
            yield item["path"], content[item["key"]]
        elif not reference.get("optional"):
            missing = "configmap references non-existent config key" if kind == "ConfigMap" else None
            raise mount_error(volume, f"{missing or 'references non-existent secret key'}: {item['key']}")


def _downward(pod: Manifest, volume: str, item: dict[str, Any]) -> str:
    try:
        if "fieldRef" in item:
            return pod_field(pod, item["fieldRef"]["fieldPath"])
        return resource_field(pod, pod["spec"]["containers"][0], item["resourceFieldRef"])
    except LookupError as error:
        raise mount_error(volume, str(error.args[0])) from error


def _token(pod: Manifest) -> str:
    """A service account's token: its three parts in shape, not in content, so that nobody can use it elsewhere."""
    account = f"{pod['metadata']['namespace']}:{pod['spec'].get('serviceAccountName', 'default')}"
    return f"eyJhbGciOiJSUzI1NiJ9.{account.encode().hex()}.{str(pod['metadata'].get('uid', '')).replace('-', '')}"


def _check_claim(reader: Reader, pod: Manifest, volume: Manifest) -> None:
    """A claim has to be there and bound. Raises `MountError`."""
    if volume.get("ephemeral"):
        name = f"{pod['metadata']['name']}-{volume['name']}"
    elif volume.get("persistentVolumeClaim"):
        name = volume["persistentVolumeClaim"]["claimName"]
    else:
        return
    namespace = pod["metadata"]["namespace"]
    claim = reader.find("PersistentVolumeClaim", namespace, name)
    if claim is None:
        missing = f'failed to fetch PVC from API server: persistentvolumeclaims "{name}" not found'
        raise _unattached(volume["name"], f"error processing PVC {namespace}/{name}: {missing}")
    if (claim.get("status") or {}).get("phase") != "Bound" or not claim["spec"].get("volumeName"):
        raise _unattached(volume["name"], f"error processing PVC {namespace}/{name}: PVC is not bound")


def _unattached(volume: str, why: str) -> MountError:
    return MountError(
        f"Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached volumes=[], "
        f"failed to process volumes=[{volume}]: {why}"
    )
