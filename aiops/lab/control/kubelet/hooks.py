"""Lifecycle hooks of a container: commands, requests and sleeps after its start and before its end."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.probes import with_port_number
from aiops.lab.control.kubelet.worker import ContainerState
from aiops.lab.ports import Runtime


def run_hook(runtime: Runtime, container: ContainerState, spec: Manifest, name: str) -> tuple[float, str]:
    """Run the hook `postStart` or `preStop`. Returns the seconds that it takes, and why it failed (empty: it did
    not)."""
    hook = (spec.get("lifecycle") or {}).get(name) or {}
    if sleep := hook.get("sleep"):
        return float(sleep.get("seconds", 0)), ""
    if action := hook.get("exec"):
        result = runtime.execute(container.id, action.get("command") or ())
        failed = result.problem or (f"command exited with {result.exit_code}" if result.exit_code else "")
        return result.seconds, failed
    if "httpGet" in hook:
        return 0.0, runtime.probe(container.id, with_port_number({"httpGet": hook["httpGet"]}, spec)) or ""
    return 0.0, ""
