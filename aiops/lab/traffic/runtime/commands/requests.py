"""Programs that ask over HTTP: `curl` and `wget`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlsplit

from aiops.lab.ports import ExecResult, HttpReply
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.runtime.commands.connections import PATIENCE, split_options
from aiops.lab.traffic.runtime.commands.inside import Answers, Inside, failed, printed
from aiops.lab.traffic.runtime.commands.reach import Connection, Problem, connect

_PORTS = {"http": 80, "https": 443}
_API_OPEN = ("/healthz", "/livez", "/readyz")
_CURL_VALUED = (
    *("-o", "-w", "-m", "-X", "-H", "-d", "-u", "-A"),
    *("--max-time", "--connect-timeout", "--request", "--header", "--data", "--user"),
    *("--output", "--write-out", "--retry", "--cacert", "--resolve"),
)
_WGET_VALUED = ("-O", "-T", "-t", "--timeout", "--tries", "--header", "--output-document")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request. `problem` is curl's exit code with its message where there is no answer."""

    status: int = 0
    body: str = ""
    seconds: float = 0.0
    problem: tuple[int, str] | None = None


def ask(inside: Inside, url: str, method: str, limit: float, connect_limit: float) -> Reply:
    """Make one request."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    name = parts.hostname or ""
    if not name or not port:
        return Reply(problem=(3, "URL rejected: Malformed input to a URL function"))
    found = connect(inside, name, port)
    if found.problem is not None:
        return _unconnected(found, name, port, min(limit, connect_limit))
    if found.seconds > connect_limit:
        return _unconnected(replace(found, problem=Problem.TIMEOUT), name, port, min(limit, connect_limit))
    if found.is_api:
        return _api(parts.scheme, parts.path)
    return _answered(inside, found, parts.scheme, method, parts.path or "/", limit)


def _unconnected(found: Connection, name: str, port: int, limit: float) -> Reply:
    seconds = min(found.seconds, limit)
    if found.problem is Problem.UNRESOLVED:
        return Reply(seconds=seconds, problem=(6, f"Could not resolve host: {name}"))
    if found.problem is Problem.NO_DNS:
        return Reply(seconds=seconds, problem=(28, f"Resolving timed out after {int(seconds * 1000)} milliseconds"))
    milliseconds = int(seconds * 1000)
    if found.problem is Problem.REFUSED:
        why = f"Failed to connect to {name} port {port} after {milliseconds} ms: Could not connect to server"
        return Reply(seconds=seconds, problem=(7, why))
    if limit < PATIENCE:
        return Reply(seconds=seconds, problem=(28, f"Connection timed out after {milliseconds} milliseconds"))
    why = f"Failed to connect to {name} port {port} after {milliseconds} ms: Could not connect to server"
    return Reply(seconds=seconds, problem=(28, why))


def _api(scheme: str, path: str) -> Reply:
    """The API server answers nobody without a token but for its health."""
    if scheme == "http":
        return Reply(400, "Client sent an HTTP request to an HTTPS server.\n")
    if path in _API_OPEN:
        return Reply(200, "ok")
    why = f'forbidden: User \\"system:anonymous\\" cannot get path \\"{path or "/"}\\"'
    return Reply(403, f'{{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{why}","code":403}}\n')


def _answered(inside: Inside, found: Connection, scheme: str, method: str, path: str, limit: float) -> Reply:
    process = found.process
    if process is None or process.program.protocol != "http":
        return Reply(seconds=found.seconds, problem=(52, "Empty reply from server"))
    if scheme == "https":
        return Reply(seconds=found.seconds, problem=(35, "TLS connect error: wrong version number"))
    status, seconds = inside.answers(process, method, path)
    seconds += found.seconds + found.delay
    if seconds > limit:
        why = f"Operation timed out after {int(limit * 1000)} milliseconds with 0 bytes received"
        return Reply(seconds=limit, problem=(28, why))
    return Reply(status, body_of(process, path, status), seconds)


def http_reply(answers: Answers, process: Process, method: str, path: str) -> HttpReply:
    """What a process that speaks HTTP answers to a client that waits as long as it takes."""
    status, _ = answers(process, method, path)
    return HttpReply(status, _words(status), body_of(process, path, status))


def body_of(process: Process, path: str, status: int) -> str:
    return "ok\n" if status == 200 and path in process.program.health_paths else f"{_words(status)}\n"


def curl(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    options, words = split_options(arguments, _CURL_VALUED)
    if not words:
        return failed(2, "curl: (2) no URL specified")
    flags = "".join(name[1:] for name in options if not name.startswith("--"))
    head = "I" in flags or "--head" in options
    method = options.get("-X") or options.get("--request") or ("HEAD" if head else "POST" if "-d" in options else "GET")
    limit = _seconds(options, ("-m", "--max-time"), float("inf"))
    reply = ask(inside, words[0], method, limit, _seconds(options, ("--connect-timeout",), PATIENCE))
    quiet = ("s" in flags or "--silent" in options) and not ("S" in flags or "--show-error" in options)
    written = options.get("-w") or options.get("--write-out") or ""
    told = _written(written, reply)
    if reply.problem is not None:
        code, why = reply.problem
        return ExecResult(code, told, "" if quiet else f"curl: ({code}) {why}\n", reply.seconds)
    if reply.status >= 400 and ("f" in flags or "--fail" in options):
        why = "" if quiet else f"curl: (22) The requested URL returned error: {reply.status}\n"
        return ExecResult(22, told, why, reply.seconds)
    hidden = options.get("-o") or options.get("--output")
    shown = _headers(reply) if head else _headers(reply) + reply.body if "i" in flags else reply.body
    return printed(("" if hidden else shown) + told, reply.seconds)


def wget(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """As busybox's."""
    options, words = split_options(arguments, _WGET_VALUED)
    if not words:
        return failed(1, "wget: missing URL")
    limit = _seconds(options, ("-T", "--timeout"), PATIENCE)
    spider = "--spider" in options
    reply = ask(inside, words[0], "HEAD" if spider else "GET", limit, limit)
    where = urlsplit(words[0] if "://" in words[0] else f"http://{words[0]}").netloc
    if reply.problem is not None:
        code, _ = reply.problem
        why = {6: f"bad address '{where}'", 7: f"can't connect to remote host ({where}): Connection refused"}
        return failed(
            1, f"wget: {why.get(code, 'download timed out' if code == 28 else 'error getting response')}", reply.seconds
        )
    if reply.status >= 400:
        return failed(1, f"wget: server returned error: HTTP/1.1 {reply.status} {_words(reply.status)}", reply.seconds)
    target = options.get("-O") or options.get("--output-document") or ""
    quiet = "-q" in options or "--quiet" in options
    told = "" if quiet else f"Connecting to {where}\n"
    return ExecResult(0, reply.body if target == "-" and not spider else "", told, reply.seconds)


def _headers(reply: Reply) -> str:
    return f"HTTP/1.1 {reply.status} {_words(reply.status)}\r\nContent-Length: {len(reply.body)}\r\n\r\n"


def _written(template: str, reply: Reply) -> str:
    """curl's `-w`: the few variables that people use."""
    values = {
        "http_code": f"{reply.status:03}",
        "response_code": f"{reply.status:03}",
        "time_total": f"{reply.seconds:.6f}",
    }
    for name, value in values.items():
        template = template.replace(f"%{{{name}}}", value)
    return template.replace("\\n", "\n")


def _seconds(options: dict[str, str], names: Sequence[str], default: float) -> float:
    text = next((options[name] for name in names if options.get(name)), "")
    try:
        return float(text) if text else default
    except ValueError:
        return default


def _words(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
