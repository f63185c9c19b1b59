"""The checks of level `baseline` of the Pod Security Standards."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.admission.podsecurity.words import (
    Finding,
    Spec,
    Subject,
    containers,
    count,
    named,
    quoted,
    security,
    setters,
)

_CAPABILITIES = frozenset(
    ("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP")
) | {"SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
_SYSCTLS = (
    (0, "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range"),
    (0, "net.ipv4.ip_unprivileged_port_start"),
    (27, "net.ipv4.ip_local_reserved_ports"),
    (29, "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl"),
    (29, "net.ipv4.tcp_keepalive_probes"),
    (32, "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"),
)
_SELINUX = ("", "container_t", "container_init_t", "container_kvm_t")
_SELINUX_SINCE_31 = (*_SELINUX, "container_engine_t")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
PROFILES = ("RuntimeDefault", "Localhost")


def app_armor(subject: Subject) -> Finding | None:
    own = _profile(security(subject.spec), "appArmorProfile")
    pod = own is not None and own not in PROFILES
    values = {own} if pod else set()
    names = []
    for container in containers(subject.spec):
        profile = _profile(security(container), "appArmorProfile")
        if profile is not None and profile not in PROFILES:
            names.append(container["name"])
            values.add(profile)
    notes = sorted(
        f'{key}="{value}"'
        for key, value in (subject.metadata.get("annotations") or {}).items()
        if key.startswith(_APPARMOR) and value and value != "runtime/default" and not value.startswith("localhost/")
    )
    who = [part for part in (setters(pod, names), count(notes, "annotation", "annotations") if notes else "") if part]
    if not who:
        return None
    bad = [*sorted(str(value) for value in values), *notes]
    reason = count(bad, "forbidden AppArmor profile", "forbidden AppArmor profiles")
    return Finding(reason, f"{' and '.join(who)} must not set AppArmor profile type to {quoted(bad)}")


def capabilities(subject: Subject) -> Finding | None:
    names, added = [], set()
    for container in containers(subject.spec):
        wrong = set((security(container).get("capabilities") or {}).get("add") or ()) - _CAPABILITIES
        if wrong:
            names.append(container["name"])
            added |= wrong
    if not names:
        return None
    detail = f"{named(names)} must not include {quoted(sorted(added))} in securityContext.capabilities.add"
    return Finding("non-default capabilities", detail)


def host_namespaces(subject: Subject) -> Finding | None:
    used = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if subject.spec.get(field)]
    return Finding("host namespaces", ", ".join(used)) if used else None


def host_path_volumes(subject: Subject) -> Finding | None:
    names = [volume["name"] for volume in subject.spec.get("volumes") or () if volume.get("hostPath") is not None]
    return Finding("hostPath volumes", named(names, "volume", "volumes")) if names else None


def host_ports(subject: Subject) -> Finding | None:
    names, ports = [], set()
    for container in containers(subject.spec):
        used = {str(port["hostPort"]) for port in container.get("ports") or () if port.get("hostPort")}
        if used:
            names.append(container["name"])
            ports |= used
    if not names:
        return None
    what = f"{count(names, 'uses', 'use')} {count(ports, 'hostPort', 'hostPorts')} {', '.join(sorted(ports))}"
    return Finding("hostPort", f"{named(names)} {what}")


def host_probes(subject: Subject) -> Finding | None:
    names, hosts = set(), set()
    for container in containers(subject.spec):
        lifecycle = container.get("lifecycle") or {}
        handlers = [container.get(field) for field in ("livenessProbe", "readinessProbe", "startupProbe")]
        handlers += [lifecycle.get(field) for field in ("postStart", "preStop")]
        found = {host for handler in handlers if handler for host in _hosts(handler)}
        if found:
            names.add(container["name"])
            hosts |= found
    if not names:
        return None
    what = count(hosts, "probe or lifecycle host", "probe or lifecycle hosts")
    detail = f"{named(sorted(names))} {count(names, 'uses', 'use')} {what} {quoted(sorted(hosts))}"
    return Finding("probe or lifecycle host", detail)


def privileged(subject: Subject) -> Finding | None:
    names = [container["name"] for container in containers(subject.spec) if security(container).get("privileged")]
    if not names:
        return None
    return Finding("privileged", f"{named(names)} must not set securityContext.privileged=true")


def proc_mount(subject: Subject) -> Finding | None:
    if subject.minor >= 35 and own_user_namespace(subject.spec):
        return None
    return any_proc_mount(subject)


def any_proc_mount(subject: Subject) -> Finding | None:
    names, kinds = [], set()
    for container in containers(subject.spec):
        kind = security(container).get("procMount")
        if kind is not None and kind != "Default":
            names.append(container["name"])
            kinds.add(kind)
    if not names:
        return None
    return Finding("procMount", f"{named(names)} must not set securityContext.procMount to {quoted(sorted(kinds))}")


def selinux(subject: Subject) -> Finding | None:
    allowed = _SELINUX_SINCE_31 if subject.minor >= 31 else _SELINUX
    own = _selinux_problems(security(subject.spec), allowed)
    names = [
        container["name"] for container in containers(subject.spec) if _selinux_problems(security(container), allowed)
    ]
    if not own and not names:
        return None
    everyone = [own, *(_selinux_problems(security(container), allowed) for container in containers(subject.spec))]
    types = sorted({value for found in everyone for kind, value in found if kind == "type"})
    data = [named(types, "type", "types")] if types else []
    set_too = {kind for found in everyone for kind, _ in found}
    data += [f"{field} may not be set" for field in ("user", "role") if field in set_too]
    who = setters(bool(own), names)
    return Finding("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}")


def seccomp(subject: Subject) -> Finding | None:
    return (
        seccomp_profiles(subject.spec) if subject.minor >= 19 else _seccomp_annotations(subject.metadata, subject.spec)
    )


def seccomp_profiles(spec: Spec) -> Finding | None:
    """Profiles that are set, and are none of the allowed ones."""
    own = _profile(security(spec), "seccompProfile")
    pod = own is not None and own not in PROFILES
    found = {c["name"]: _profile(security(c), "seccompProfile") for c in containers(spec)}
    bad = {name: profile for name, profile in found.items() if profile is not None and profile not in PROFILES}
    if not pod and not bad:
        return None
    values = sorted({str(value) for value in [*bad.values(), *([own] if pod else [])]})
    who = setters(pod, list(bad))
    return Finding("seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {quoted(values)}")


def sysctls(subject: Subject) -> Finding | None:
    allowed = {name for since, names in _SYSCTLS if subject.minor >= since for name in names.split()}
    wrong = [item["name"] for item in security(subject.spec).get("sysctls") or () if item["name"] not in allowed]
    return Finding("forbidden sysctls", ", ".join(wrong)) if wrong else None


def windows_host_process(subject: Subject) -> Finding | None:
    pod = _host_process(subject.spec)
    names = [container["name"] for container in containers(subject.spec) if _host_process(container)]
    if not pod and not names:
        return None
    what = "must not set securityContext.windowsOptions.hostProcess=true"
    return Finding("hostProcess", f"{setters(pod, names)} {what}")


def own_user_namespace(spec: Spec) -> bool:
    return spec.get("hostUsers") is False


def _host_process(part: Spec) -> bool:
    return bool((security(part).get("windowsOptions") or {}).get("hostProcess"))


def _profile(context: Spec, field: str) -> Any:
    profile = context.get(field)
    return None if profile is None else profile.get("type", "")


def _selinux_problems(context: Spec, allowed: tuple[str, ...]) -> list[tuple[str, str]]:
    options = context.get("seLinuxOptions")
    if options is None:
        return []
    kind = options.get("type", "")
    found = [] if kind in allowed else [("type", kind)]
    return found + [(field, options[field]) for field in ("user", "role") if options.get(field)]


def _hosts(handler: Spec) -> list[str]:
    actions = [handler.get("httpGet") or {}, handler.get("tcpSocket") or {}]
    return [action["host"] for action in actions if action.get("host")]


def _seccomp_annotations(metadata: Spec, spec: Spec) -> Finding | None:
    notes = metadata.get("annotations") or {}
    keys = [_SECCOMP_POD, *(_SECCOMP_CONTAINER + container["name"] for container in containers(spec))]
    wrong = sorted(
        f'{key}="{notes[key]}"'
        for key in keys
        if key in notes and notes[key] not in ("runtime/default", "docker/default")
        if not notes[key].startswith("localhost/")
    )
    if not wrong:
        return None
    return Finding("seccompProfile", f"forbidden {count(wrong, 'annotation', 'annotations')} {', '.join(wrong)}")
