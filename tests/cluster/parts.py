"""The parts of a control plane and the flags that each is started with. All listen on loopback or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.cluster.credentials import KEY, MANAGER, NODES, SCHEDULER, TOKENS, kubeconfig_path

LOOPBACK = "127.0.0.1"

STORE, PEERS = "etcd.sock:1", "peers.sock:1"
"""Sockets in the folder in which all parts run: no other user of the machine reaches the store. etcd asks for a port in
its addresses and makes it part of the file's name."""

ADVERTISED = "192.0.2.1"
"""What the Service `kubernetes` points to. Loopback is refused there; this address is reserved for documentation."""

LEASE = 40
"""A kubelet's, in seconds. Without leases each node is taken for lost after less than a minute."""

CERTIFICATE, CERTIFICATE_KEY = "apiserver.crt", "apiserver.key"
"""The API server makes its own when it finds none; the stand-in for kubelets then uses the same."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a control plane lives: its folder, and the ports of the API server and of the kubelets' stand-in."""

    folder: Path
    api_port: int
    nodes_port: int


def etcd(_: Layout) -> list[str]:
    clients, peers = f"unix://{STORE}", f"unix://{PEERS}"
    return [
        "--data-dir=etcd",
        "--name=test",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=test={peers}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server(layout: Layout) -> list[str]:
    """Authorization, admission and all else by the defaults of a cluster that kubeadm makes."""
    return [
        f"--etcd-servers=unix://{STORE}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={layout.api_port}",
        f"--advertise-address={ADVERTISED}",
        "--cert-dir=.",
        f"--token-auth-file={TOKENS}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={KEY}",
        f"--service-account-signing-key-file={KEY}",
        "--kubelet-preferred-address-types=InternalIP",
        "--profiling=false",
    ]


def controller_manager(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig_path(layout.folder, MANAGER.name)}",
        "--leader-elect=false",
        "--secure-port=0",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={KEY}",
        f"--root-ca-file={CERTIFICATE}",
    ]


def scheduler(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig_path(layout.folder, SCHEDULER.name)}",
        "--leader-elect=false",
        "--secure-port=0",
    ]


def nodes(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig_path(layout.folder, NODES.name)}",
        "--config=nodes.yaml",
        "--manage-all-nodes=true",
        f"--node-lease-duration-seconds={LEASE}",
        f"--node-ip={LOOPBACK}",
        f"--node-port={layout.nodes_port}",
        f"--server-address={LOOPBACK}:{layout.nodes_port}",
        f"--tls-cert-file={CERTIFICATE}",
        f"--tls-private-key-file={CERTIFICATE_KEY}",
        "--cidr=10.244.0.0/16",
    ]
