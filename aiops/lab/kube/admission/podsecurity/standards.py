"""Which checks hold at a level and version of the standards, in the order in which they are told."""

from __future__ import annotations

from aiops.lab.kube.admission.podsecurity import baseline, restricted
from aiops.lab.kube.admission.podsecurity.words import Check, Finding, Spec, Subject

NEWEST = 36
"""The minor version that `latest` stands for."""

_BASELINE: dict[str, tuple[int, Check]] = {
    "appArmorProfile": (0, baseline.app_armor),
    "capabilities_baseline": (0, baseline.capabilities),
    "hostNamespaces": (0, baseline.host_namespaces),
    "hostPathVolumes": (0, baseline.host_path_volumes),
    "hostPorts": (0, baseline.host_ports),
    "hostProbesAndHostLifecycle": (34, baseline.host_probes),
    "privileged": (0, baseline.privileged),
    "procMount": (0, baseline.proc_mount),
    "seLinuxOptions": (0, baseline.selinux),
    "seccompProfile_baseline": (0, baseline.seccomp),
    "sysctls": (0, baseline.sysctls),
    "windowsHostProcess": (0, baseline.windows_host_process),
}
"""By name, with the first minor version of Kubernetes that has it."""

_RESTRICTED: tuple[tuple[int, Check, str], ...] = (
    (8, restricted.allow_privilege_escalation, ""),
    (22, restricted.capabilities, "capabilities_baseline"),
    (35, baseline.any_proc_mount, "procMount"),
    (0, restricted.volumes, "hostPathVolumes"),
    (0, restricted.run_as_non_root, ""),
    (23, restricted.run_as_user, ""),
    (19, restricted.seccomp, "seccompProfile_baseline"),
)
"""With the baseline check in whose place each stands."""


def findings(level: str, minor: int, metadata: Spec, spec: Spec) -> list[Finding]:
    """What a pod breaks at a level (`privileged`, `baseline`, `restricted`)."""
    if level == "privileged":
        return []
    minor = min(minor, NEWEST)
    stricter = [each for each in _RESTRICTED if minor >= each[0]] if level == "restricted" else []
    replaced = {instead for _, _, instead in stricter}
    checks = [check for name, (since, check) in _BASELINE.items() if minor >= since and name not in replaced]
    subject = Subject(metadata, spec, minor)
    found = [check(subject) for check in [*checks, *(check for _, check, _ in stricter)]]
    return [finding for finding in found if finding is not None]
