"""The nodes of a test control plane: objects that kwok keeps alive, and on which it plays the pods."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.cluster.build import version
from tests.cluster.kubectl import Kubectl
from tests.cluster.parts import LOOPBACK

STAGES, POD_LOG = "nodes.yaml", "pod.log"
COUNT = 3
CAPACITY = {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110"}

LINES = "2026-01-01T00:00:00.000000000Z stdout F listening\n2026-01-01T00:00:01.000000000Z stderr F ready\n"
"""The log of every container, in the format of the container runtime interface."""


def write_stages(program: Path, folder: Path) -> None:
    """Write kwok's configuration: its own default stages, and one log for all containers."""
    stages = subprocess.run([program, "stages"], stdout=subprocess.PIPE, text=True, check=True).stdout
    (folder / POD_LOG).write_text(LINES)
    logs = {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterLogs",
        "metadata": {"name": "all"},
        "spec": {"logs": [{"logsFile": str(folder / POD_LOG)}]},
    }
    (folder / STAGES).write_text(f"{stages}\n---\n{json.dumps(logs)}\n")


def manifests(count: int = COUNT) -> list[dict[str, Any]]:
    """Node objects `node-1`..., each in a zone of its own."""
    return [_node(f"node-{number}", f"zone-{number}") for number in range(1, count + 1)]


def all_ready(kubectl: Kubectl) -> bool:
    """Whether every node says that it is ready."""
    nodes = kubectl.json("get", "nodes")["items"]
    return all(("Ready", "True") in _conditions(node) for node in nodes)


def _conditions(node: dict[str, Any]) -> set[tuple[str, str]]:
    return {(condition["type"], condition["status"]) for condition in node["status"].get("conditions", ())}


def _node(name: str, zone: str) -> dict[str, Any]:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {
            "capacity": CAPACITY,
            "allocatable": CAPACITY,
            "nodeInfo": _system(name),
            # kwok's stages take an address away again where the other one is missing
            "addresses": [{"type": "InternalIP", "address": LOOPBACK}, {"type": "Hostname", "address": name}],
        },
    }


def _system(name: str) -> dict[str, str]:
    return {
        "kubeletVersion": version(),
        "kubeProxyVersion": "",
        "containerRuntimeVersion": "containerd://2.2.0",
        "operatingSystem": "linux",
        "architecture": "amd64",
        "osImage": "none",
        "kernelVersion": "none",
        "machineID": name,
        "systemUUID": name,
        "bootID": name,
    }
