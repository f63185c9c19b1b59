"""Security contexts of pods and containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import in_range
from aiops.lab.kube.kinds.podspec.volumes import descending

Context = dict[str, Any]

_HIGHEST_ID = 2**31 - 1
_SECCOMP = ("Localhost", "RuntimeDefault", "Unconfined")
_APP_ARMOR = ("Localhost", "RuntimeDefault", "Unconfined")


def pod_security(context: Context, spec: dict[str, Any], path: str) -> Iterator[Cause]:
    for field in ("fsGroup", "runAsUser", "runAsGroup"):
        yield from _id(context.get(field), f"{path}.{field}")
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        yield from _id(group, f"{path}.supplementalGroups[{index}]")
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        why = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid_value(f"{path}.shareProcessNamespace", True, why)
    policy = context.get("fsGroupChangePolicy")
    if policy is not None and policy not in ("Always", "OnRootMismatch"):
        yield not_supported(f"{path}.fsGroupChangePolicy", policy, ("Always", "OnRootMismatch"))
    yield from _profile(context.get("seccompProfile"), f"{path}.seccompProfile", _SECCOMP, "seccomp")
    yield from _profile(context.get("appArmorProfile"), f"{path}.appArmorProfile", _APP_ARMOR, "AppArmor")


def container_security(context: Context, path: str) -> Iterator[Cause]:
    for field in ("runAsUser", "runAsGroup"):
        yield from _id(context.get(field), f"{path}.{field}")
    mount = context.get("procMount")
    if mount is not None and mount not in ("Default", "Unmasked"):
        yield not_supported(f"{path}.procMount", mount, ("Default", "Unmasked"))
    yield from _profile(context.get("seccompProfile"), f"{path}.seccompProfile", _SECCOMP, "seccomp")
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            yield invalid_value(path, _internal(context), why)
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            why = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            yield invalid_value(path, _internal(context), why)
    yield from _profile(context.get("appArmorProfile"), f"{path}.appArmorProfile", _APP_ARMOR, "AppArmor")


def _id(value: int | None, path: str) -> Iterator[Cause]:
    if value is not None and not 0 <= value <= _HIGHEST_ID:
        yield invalid_value(path, value, in_range(0, _HIGHEST_ID))


def _profile(profile: Context | None, path: str, types: tuple[str, ...], what: str) -> Iterator[Cause]:
    if profile is None:
        return
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        yield required(f"{path}.type", "type is required when seccompProfile is set" if what == "seccomp" else "")
    elif kind not in types:
        yield not_supported(f"{path}.type", kind, types)
    if kind == "Localhost" and local is None:
        yield required(f"{path}.localhostProfile", f"must be set when {what} type is Localhost")
    elif kind == "Localhost":
        yield from descending(str(local), f"{path}.localhostProfile")
    elif local is not None:
        yield invalid_value(f"{path}.localhostProfile", _internal(profile), f"can only be set when {what} type is "
                            "Localhost")  # fmt: skip


_CONTEXT_FIELDS = (
    ("Capabilities", "capabilities"), ("Privileged", "privileged"), ("SELinuxOptions", "seLinuxOptions"),
    ("WindowsOptions", "windowsOptions"), ("RunAsUser", "runAsUser"), ("RunAsGroup", "runAsGroup"),
    ("RunAsNonRoot", "runAsNonRoot"), ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem"),
    ("AllowPrivilegeEscalation", "allowPrivilegeEscalation"), ("ProcMount", "procMount"),
    ("SeccompProfile", "seccompProfile"), ("AppArmorProfile", "appArmorProfile"),
)  # fmt: skip


def _internal(context: Context) -> Any:
    """A value as the server's own types write it: every field, with Go's names."""
    if "type" in context:
        return {"Type": context["type"], "LocalhostProfile": context.get("localhostProfile")}
    shown = {go: context.get(name) for go, name in _CONTEXT_FIELDS}
    if context.get("capabilities") is not None:
        caps = context["capabilities"]
        shown["Capabilities"] = {"Add": caps.get("add"), "Drop": caps.get("drop")}
    return shown
