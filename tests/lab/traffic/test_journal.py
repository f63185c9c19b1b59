from __future__ import annotations

import json
from typing import Any

import pytest

from aiops.lab.apps.loader import read_data
from aiops.lab.traffic.languages import Phrases
from aiops.lab.traffic.process import LogEntry

VALUES: dict[str, Any] = {
    "name": "geo", "version": "1.2.3", "port": 8083, "pod": "geo-0", "seconds": 2.0, "variable": "GEO_ADDR",
    "method": "GET", "path": "/x", "status": 200, "ms": 1.25, "duration": 0.001, "bytes": 10, "trace": "ab",
    "thread": 3, "client": "203.0.113.9", "upstream": "hotel-frontend-http", "backend": "10.0.0.1:5000",
    "route": "GET /x", "target": "geo", "host": "geo", "address": "10.96.0.1:8083",
}  # fmt: skip
FAILURES = ("refused", "timeout", "dropped", "unresolved", "denied", "status")


@pytest.mark.parametrize("language", sorted(set(read_data("languages")) - {"other"}))
def test_every_template_can_be_written(language: str) -> None:
    phrases = Phrases.load()
    templates = [*phrases.startup(language), phrases.problem(language, "missing"), phrases.problem(language, "invalid")]
    templates += [phrases.access(language), *(phrases.failure(language, kind) for kind in FAILURES)]
    for template in templates:
        line = phrases.line(LogEntry(1.5, template, VALUES))
        assert "{clock}" not in line
        assert "{day}" not in line
        if template.startswith("{{"):
            assert json.loads(line)


@pytest.mark.parametrize("language", ["go", "java", "python", "nodejs"])
def test_clients_report_every_failure_in_their_own_words(language: str) -> None:
    phrases = Phrases.load()
    lines = {phrases.line(LogEntry(0.0, phrases.failure(language, kind), VALUES)) for kind in FAILURES}
    assert len(lines) == len(FAILURES)
    assert all(lines)


def test_times_are_those_of_the_entry() -> None:
    phrases = Phrases.load()
    assert (
        phrases.line(LogEntry(0.25, "{clock} {day}", {"x": 1})) == "1970-01-01T00:00:00.250000Z 1970-01-01 00:00:00.250"
    )
    assert phrases.line(LogEntry(0.25, "plain {text}")) == "plain {text}"


def test_services_write_access_lines_and_stores_only_slow_queries(plain_cluster: Any) -> None:
    plain_cluster.run(300)
    runtime = plain_cluster.traffic.runtime

    def lines(pod: str, namespace: str = "hotel") -> list[str]:
        return [line for _, line in runtime.logs(plain_cluster.container(pod, namespace), None, None)]

    assert sum('"msg":"request"' in line for line in lines("frontend-0")) > 5
    assert sum("HTTP/1.1" in line for line in lines("ingress-nginx-controller-0", "ingress-nginx")) > 5
    assert len(lines("mongodb-geo-0")) < 10
    assert len(lines("memcached-rate-0")) == 1


def test_a_crash_by_memory_leaves_no_line(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    plain_cluster.restart("geo-0", memory_limit=10 * 2**20)
    container = plain_cluster.container("geo-0")
    plain_cluster.run(10)
    text = "\n".join(line for _, line in plain_cluster.traffic.runtime.logs(container, None, None))
    assert plain_cluster.restarts("geo-0") > 1
    assert "memory" not in text.lower()
    assert "OOM" not in text
