"""What the reading commands print, and their exit codes, in front of a small API server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from aiops.agents.connect.report import ConnectReport, Right
from aiops.agents.scan.report import ScanFinding, ScanReport, Severity
from aiops.cli.ask import show as show_answer
from aiops.cli.connect import show as show_connect
from aiops.cli.scan import show as show_scan
from aiops.core.answer import Answer, Citation, Sentence, Table
from aiops.core.entity import Entity
from aiops.core.evidence import Query
from tests.support import forked

EVIL = "\x1b[2J\u202e[red]evil[/red]"
NODE = {
    "metadata": {"name": "n1"},
    "spec": {},
    "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "KubeletStopped"}]},
}
LISTS = {"nodes": [NODE], "namespaces": [{"metadata": {"name": "shop"}}]}


class Handler(BaseHTTPRequestHandler):
    """Lists that are empty but for one node that is not ready; every right but the one to list nodes."""

    def do_GET(self) -> None:
        if self.path == "/version":
            self._answer({"gitVersion": "v1.31.0"})
            return
        self._answer({"items": LISTS.get(self.path.partition("?")[0].rsplit("/", 1)[-1], [])})

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = review.get("spec", {}).get("resourceAttributes", {})
        user = {"username": "ann", "groups": ["dev"]}
        self._answer({"status": {"allowed": asked.get("resource") != "nodes", "userInfo": user}}, 201)

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _answer(self, body: Any, status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tmp_path_factory.mktemp("cli")
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "u", "user": {"token": "s3cr3t-token"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))
    yield {"AIOPS_KUBECONFIG": str(folder / "kubeconfig"), "AIOPS_STATE_DIR": str(folder / "state")}
    server.shutdown()


def _run(environment: dict[str, str], *arguments: str) -> forked.Ended:
    ended = forked.run(*arguments, environment=environment)
    assert "Traceback" not in ended.err
    assert "s3cr3t-token" not in ended.out + ended.err
    assert not Path(environment["AIOPS_STATE_DIR"]).exists(), "reading leaves nothing behind"
    return ended


def test_a_scan_exits_with_one_only_where_that_is_asked_for(environment: dict[str, str]) -> None:
    plain, strict = _run(environment, "scan"), _run(environment, "scan", "--exit-code")
    assert (plain.code, strict.code) == (0, 1)
    assert "Node n1 is not ready." in plain.out
    assert "not seen: no Prometheus" in plain.out
    report = json.loads(_run(environment, "scan", "--json", "-n", "shop").out)
    assert report["findings"][0]["subject"]["name"] == "n1"
    unknown = _run(environment, "scan", "-n", "shp")
    assert unknown.code == 2
    assert "did you mean shop" in unknown.err


def test_connect_names_what_is_missing_and_grants_it(environment: dict[str, str]) -> None:
    run = _run(environment, "connect")
    assert run.code == 1
    assert "v1.31.0" in run.out
    assert "as ann" in run.out
    assert "missing: get, list, watch nodes in the whole cluster" in run.out
    report = json.loads(_run(environment, "connect", "--json").out)
    assert report["can_read"] is False
    (role, binding) = report["grants"]
    assert role["rules"] == [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}]
    assert binding["subjects"][0]["name"] == "ann"


def test_much_that_is_missing_is_counted_and_listed_where_that_is_asked_for() -> None:
    rights = tuple(
        Right(verb="list", resource=f"things{number}", effect="reads", allowed=False, needed_by=("scan",))
        for number in range(12)
    )
    role = {"kind": "ClusterRole", "metadata": {"name": "aiops-reader-missing"}}
    report = ConnectReport(
        server="https://cluster", version="v1.36.3", user="ann", groups=(), namespaces=(), all_namespaces=True,
        read_only=True, rights=rights, telemetry=(), load=(), grants=(role,), problems=(), can_read=False,
    )  # fmt: skip

    def shown(report: ConnectReport, *, everything: bool = False) -> str:
        out = StringIO()
        show_connect(report, Console(file=out, width=100), everything=everything)
        return out.getvalue()

    short = shown(report)
    assert "12 rights are missing; where yours are for some namespaces only, name them in AIOPS_NAMESPACES" in short
    assert "aiops connect --all" in short
    assert "missing: list" not in short
    assert "ClusterRole" not in short
    whole = shown(report, everything=True)
    assert whole.count("missing: list") == 12
    assert "ClusterRole" in whole
    few = shown(report.model_copy(update={"rights": rights[:3]}))
    assert few.count("missing: list") == 3


def test_a_question_that_is_not_answered_exits_with_one(environment: dict[str, str]) -> None:
    answered = _run(environment, "ask", "which", "nodes", "are", "not", "ready?")
    assert answered.code == 0
    assert "Not ready: n1" in answered.out
    assert "[c1] list_objects(kind=Node" in answered.out
    declined = _run(environment, "ask", "what is love")
    assert declined.code == 1
    assert "without a model" in declined.out


def test_no_text_of_the_cluster_steers_the_terminal() -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=False, width=100)
    entity = Entity(kind="Pod", namespace="shop", name="web")
    query = Query(tool="get_object", arguments={"entity": EVIL})
    citation = Citation(id="c1", query=query, summary=EVIL)
    sentence, table = Sentence(text=EVIL, cites=("c1",)), Table(columns=(EVIL,), rows=((EVIL,),))
    show_answer(
        Answer(question="q", answered=True, sentences=(sentence,), tables=(table,), citations=(citation,)), console
    )
    finding = ScanFinding(subject=entity, severity=Severity.WARNING, title=EVIL, detail=EVIL, query=query, also=(EVIL,))
    report = ScanReport(at=0, namespaces=(), findings=(finding,), looked_at={}, missing=(EVIL,), seconds=0)
    show_scan(report, console, everything=True)
    assert out.getvalue().count("[red]evil[/red]") >= 7
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()


def test_a_scan_shows_the_worst_and_says_what_it_hides() -> None:
    out = StringIO()
    query = Query(tool="get_object")
    entity = Entity(kind="Pod", namespace="shop", name="web")
    findings = tuple(
        ScanFinding(subject=entity, severity=severity, title=f"t{i}", query=query)
        for i, severity in enumerate([Severity.WARNING] * 14 + [Severity.INFO] * 3)
    )
    report = ScanReport(at=0, namespaces=(), findings=findings, looked_at={"Pod": 1}, seconds=0.1)
    show_scan(report, Console(file=out, width=100), everything=False)
    assert "t9" in out.getvalue()
    assert "t10" not in out.getvalue()
    assert "7 more: aiops scan --all" in out.getvalue()
    assert "0 critical, 14 warning, 3 info" in out.getvalue()


def test_a_blind_scan_does_not_say_that_all_is_well() -> None:
    out = StringIO()
    report = ScanReport(at=0, namespaces=(), findings=(), looked_at={}, missing=("Pod: denied",), seconds=0.1)
    show_scan(report, Console(file=out, width=100), everything=False)
    assert "cannot be told" in out.getvalue()
    assert "Nothing is wrong" not in out.getvalue()


def test_a_scan_of_an_empty_cluster_says_that_nothing_is_wrong() -> None:
    out = StringIO()
    looked_at = {"Pod": 0, "Node": 3}
    report = ScanReport(at=0, namespaces=(), findings=(), looked_at=looked_at, missing=("no Prometheus",), seconds=0.1)
    show_scan(report, Console(file=out, width=100), everything=False)
    assert "Nothing is wrong" in out.getvalue()
