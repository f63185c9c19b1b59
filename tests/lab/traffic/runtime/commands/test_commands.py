"""What operators ask from inside a container of the application."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.runtime.commands.table import LONGEST


@pytest.fixture
def cluster(plain_cluster: Any) -> Any:
    plain_cluster.run(60)
    return plain_cluster


def _run(cluster: Any, *command: str, pod: str = "frontend-0") -> ExecResult:
    result: ExecResult = cluster.traffic.runtime.execute(cluster.container(pod), command)
    return result


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("geo", "geo.hotel.svc.cluster.local"),
        ("geo.hotel", "geo.hotel.svc.cluster.local"),
        ("geo.hotel.svc", "geo.hotel.svc.cluster.local"),
        ("geo.hotel.svc.cluster.local.", "geo.hotel.svc.cluster.local"),
        ("kube-dns.kube-system", "kube-dns.kube-system.svc.cluster.local"),
    ],
)
def test_names_are_found_below_the_search_domains(cluster: Any, name: str, found: str) -> None:
    answer = _run(cluster, "nslookup", name)
    assert answer.exit_code == 0
    assert f"Name:\t{found}\n" in answer.stdout
    address = answer.stdout.rsplit("Address: ", 1)[1].strip()
    assert _run(cluster, "getent", "hosts", name).stdout == f"{address:<16}{found}\n"
    assert _run(cluster, "dig", "+short", "+search", name).stdout == f"{address}\n"
    assert f"has address {address}" in _run(cluster, "host", name).stdout


@pytest.mark.parametrize("name", ["nope", "geo.elsewhere", "geo.hotel.svc.cluster.local.extra", "example.com"])
def test_names_that_nobody_has(cluster: Any, name: str) -> None:
    answer = _run(cluster, "nslookup", name)
    assert answer.exit_code == 1
    assert f"** server can't find {name}: NXDOMAIN" in answer.stdout
    assert _run(cluster, "getent", "hosts", name).exit_code == 2
    assert _run(cluster, "dig", "+short", name).stdout == ""
    assert "NXDOMAIN" in _run(cluster, "host", name).stdout
    assert _run(cluster, "curl", f"http://{name}/").exit_code == 6


def test_a_pod_has_a_name_by_its_address(cluster: Any) -> None:
    address = _run(cluster, "hostname", "-i").stdout.strip()
    name = f"{address.replace('.', '-')}.hotel.pod.cluster.local"
    assert _run(cluster, "getent", "hosts", name).stdout.split()[0] == address


def test_without_dns_nothing_is_found(cluster: Any) -> None:
    cluster.edit("Service", "kube-dns", lambda service: service["spec"]["selector"].update(app="gone"), "kube-system")
    cluster.run(10)
    answer = _run(cluster, "nslookup", "geo")
    assert (answer.exit_code, "no servers could be reached" in answer.stderr) == (1, True)
    assert _run(cluster, "curl", "-m", "3", "http://geo:8083/").exit_code == 28
    assert "Temporary failure" in _run(cluster, "nc", "-zv", "geo", "8083").stderr


def test_connections(cluster: Any) -> None:
    assert "succeeded!" in _run(cluster, "nc", "-zv", "geo", "8083").stderr
    assert _run(cluster, "nc", "-z", "geo", "8083").stderr == ""
    closed = _run(cluster, "nc", "-zv", "-w", "2", "geo", "9999")
    assert (closed.exit_code, closed.seconds) == (1, 2.0)
    assert "timed out" in closed.stderr
    assert "Connection refused" in _run(cluster, "nc", "-zv", "localhost", "1").stderr
    assert "getaddrinfo" in _run(cluster, "nc", "-zv", "nope", "80").stderr


def test_requests(cluster: Any) -> None:
    assert _run(cluster, "curl", "-s", "http://geo:8083/healthz").stdout == "ok\n"
    assert _run(cluster, "wget", "-qO-", "http://geo:8083/healthz").stdout == "ok\n"
    told = _run(cluster, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://geo:8083/nope")
    assert told.stdout == "404"
    assert _run(cluster, "curl", "-f", "http://geo:8083/nope").exit_code == 22
    assert _run(cluster, "curl", "-sI", "http://geo:8083/healthz").stdout.startswith("HTTP/1.1 200 OK")
    assert _run(cluster, "curl", "https://geo:8083/").exit_code == 35
    assert _run(cluster, "curl", "http://mongodb-geo:27017/").exit_code == 52
    slow = _run(cluster, "curl", "--connect-timeout", "3", "http://geo:9999/")
    assert (slow.exit_code, slow.seconds) == (28, 3.0)
    assert "404 Not Found" in _run(cluster, "wget", "http://geo:8083/nope").stderr


def test_a_service_without_ready_pods_refuses(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda service: service["spec"]["selector"].update(app="nobody"), "hotel")
    cluster.run(10)
    refused = _run(cluster, "curl", "http://geo:8083/healthz")
    assert refused.exit_code == 7
    assert "Could not connect to server" in refused.stderr


def test_a_policy_swallows_what_it_forbids(cluster: Any) -> None:
    cluster.put(
        {
            "kind": "NetworkPolicy",
            "metadata": {"name": "closed", "namespace": "hotel"},
            "spec": {"podSelector": {"matchLabels": {"app": "geo"}}, "policyTypes": ["Ingress"]},
        }
    )
    assert _run(cluster, "curl", "-m", "4", "http://geo:8083/healthz").exit_code == 28
    assert "timed out" in _run(cluster, "nc", "-zv", "-w", "1", "geo", "8083").stderr


def test_what_the_container_has(cluster: Any) -> None:
    assert "GEO_ADDR=" in _run(cluster, "env", pod="search-0").stdout
    assert _run(cluster, "printenv", "GEO_ADDR", pod="search-0").stdout.strip()
    assert _run(cluster, "printenv", "NOPE").exit_code == 1
    assert "nameserver 10.96.0.10" in _run(cluster, "cat", "/etc/resolv.conf").stdout
    assert "search hotel.svc.cluster.local" in _run(cluster, "cat", "/etc/resolv.conf").stdout
    assert _run(cluster, "cat", "/nope").stderr == "cat: /nope: No such file or directory\n"
    assert int(_run(cluster, "cat", "/sys/fs/cgroup/memory.max").stdout) > 0
    assert int(_run(cluster, "cat", "/sys/fs/cgroup/memory.current").stdout) > 0
    for command in (
        ["df", "-h"],
        ["free", "-m"],
        ["ps", "aux"],
        ["date"],
        ["id"],
        ["uname", "-a"],
        ["uptime"],
        ["nproc"],
    ):
        assert _run(cluster, *command).stdout, command
    assert _run(cluster, "hostname").stdout == "frontend-0\n"


@pytest.mark.parametrize(
    ("command", "code", "stdout"),
    [
        (["true"], 0, ""),
        (["false"], 1, ""),
        (["sh", "-c", "echo a; echo b"], 0, "a\nb\n"),
        (["sh", "-c", "false || echo no"], 0, "no\n"),
        (["sh", "-c", "false && echo no"], 1, ""),
        (["sh", "-c", "exit 7"], 7, ""),
        (["sh", "-c", "echo $HOSTNAME 2>/dev/null"], 0, "frontend-0\n"),
        (["bash", "-c", "cat /nope || exit 4"], 4, ""),
        (["sh", "-c", "nope"], 127, ""),
        (["sh", "-c", "cat /etc/passwd | grep root"], 127, ""),
        (["/bin/echo", "hi"], 0, "hi\n"),
    ],
)
def test_scripts_of_simple_commands(cluster: Any, command: list[str], code: int, stdout: str) -> None:
    answer = _run(cluster, *command)
    assert (answer.exit_code, answer.stdout) == (code, stdout)


@pytest.mark.parametrize("program", ["vim", "tar", "python3", "/usr/bin/nope"])
def test_a_program_that_is_not_there(cluster: Any, program: str) -> None:
    answer = _run(cluster, program, "x")
    assert answer.exit_code == 127
    assert answer.problem.startswith("OCI runtime exec failed: exec failed: unable to start container process: exec: ")
    assert f'"{program}"' in answer.problem


def test_an_image_without_a_shell_runs_nothing(cluster: Any) -> None:
    dns = cluster.container("coredns-0", "kube-system")
    assert cluster.traffic.runtime.execute(dns, ["sh", "-c", "true"]).exit_code == 127


def test_text_is_bounded(cluster: Any) -> None:
    assert len(_run(cluster, "echo", "x" * (2 * LONGEST)).stdout) == LONGEST


def test_nothing_runs_in_a_container_that_is_gone(cluster: Any) -> None:
    assert cluster.traffic.runtime.execute("gone", ["true"]).problem == "container gone is not running"
