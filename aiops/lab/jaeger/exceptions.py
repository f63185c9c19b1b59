"""The exception events of spans: what each language's instrumentation records when a call throws."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.lab.jaeger.store import TracedSpan


@dataclass(frozen=True, slots=True)
class SpanException:
    """The attributes `exception.type`, `exception.message` and `exception.stacktrace`."""

    type: str
    message: str
    stack: str


_GO = {
    "refused": ("*net.OpError", "dial tcp {place}: connect: connection refused"),
    "dropped": ("*net.OpError", "dial tcp {place}: i/o timeout"),
    "timeout": ("context.deadlineExceededError", "context deadline exceeded"),
    "unresolved": ("*net.DNSError", "lookup {host}: no such host"),
    "reset": ("*net.OpError", "read tcp {place}: read: connection reset by peer"),
    "denied": ("auth.Error", "unable to authenticate: Authentication failed."),
    "exception": ("runtime.boundsError", "runtime error: index out of range"),
    "exception_schema": ("*pgconn.PgError", 'ERROR: column "state" does not exist (SQLSTATE 42703)'),
    "exception_protocol": ("*errors.errorString", "decode response: schema version 1 is not supported, want 2"),
}
_JAVA = {
    "refused": ("java.net.ConnectException", "Connection refused"),
    "dropped": ("java.net.SocketTimeoutException", "Connect timed out"),
    "timeout": ("java.net.SocketTimeoutException", "Read timed out"),
    "unresolved": ("java.net.UnknownHostException", "{host}: Name or service not known"),
    "reset": ("java.net.SocketException", "Connection reset"),
    "denied": ("com.mongodb.MongoSecurityException", "Exception authenticating MongoCredential"),
    "pool_timeout": ("java.sql.SQLTransientConnectionException", "Connection is not available, request timed out"),
    "circuit_open": ("io.github.resilience4j.circuitbreaker.CallNotPermittedException", "CircuitBreaker is OPEN"),
    "exception": ("java.lang.IllegalStateException", "could not complete the request"),
    "exception_schema": ("java.sql.SQLSyntaxErrorException", "column r1_0.state does not exist"),
    "exception_protocol": (
        "com.fasterxml.jackson.databind.exc.MismatchedInputException",
        "Missing required creator property 'revisionId' (index 3)",
    ),
}
_PYTHON = {
    "refused": ("ConnectionRefusedError", "[Errno 111] Connection refused"),
    "dropped": ("httpx.ConnectTimeout", "timed out"),
    "timeout": ("httpx.ReadTimeout", "timed out"),
    "unresolved": ("socket.gaierror", "[Errno -2] Name or service not known"),
    "reset": ("ConnectionResetError", "[Errno 104] Connection reset by peer"),
    "denied": ("pymongo.errors.OperationFailure", "Authentication failed."),
    "exception": ("KeyError", "'score'"),
    "exception_schema": ("sqlalchemy.exc.ProgrammingError", "column records.state does not exist"),
    "exception_protocol": (
        "pydantic_core.ValidationError",
        "1 validation error for Answer: revision_id Field required",
    ),
}
_NODE = {
    "refused": ("Error", "connect ECONNREFUSED {place}"),
    "dropped": ("Error", "connect ETIMEDOUT {place}"),
    "timeout": ("Error", "socket hang up"),
    "unresolved": ("Error", "getaddrinfo ENOTFOUND {host}"),
    "reset": ("Error", "read ECONNRESET"),
    "denied": ("MongoServerError", "Authentication failed."),
    "exception": ("TypeError", "Cannot read properties of undefined (reading 'id')"),
    "exception_schema": ("DatabaseError", 'column "state" does not exist'),
    "exception_protocol": ("ZodError", "revisionId: Required, in answer of schema version 1, expected 2"),
}
_OTHERS = {
    "refused": ("ConnectionError", "connection refused"),
    "dropped": ("TimeoutError", "connection timed out"),
    "timeout": ("TimeoutError", "deadline exceeded"),
    "unresolved": ("NameError", "{host}: name or service not known"),
    "reset": ("ConnectionError", "connection reset by peer"),
    "denied": ("AuthenticationError", "authentication failed"),
    "pool_timeout": ("PoolTimeoutError", "timed out waiting for a connection of the pool"),
    "circuit_open": ("CircuitOpenError", "circuit breaker is open"),
    "exception": ("InternalError", "internal error"),
    "exception_schema": ("StoreError", 'column "state" does not exist'),
    "exception_protocol": ("DecodeError", "missing field revision_id in answer of schema version 1, expected 2"),
}
_WORDS = {"go": _GO, "java": _JAVA, "python": _PYTHON, "nodejs": _NODE}

_FRAMES = {
    "go": "goroutine 74 [running]:\nmain.(*client).do(...)\n\t/src/internal/client/client.go:88 +0x1c4",
    "java": "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
    "python": 'Traceback (most recent call last):\n  File "/app/client.py", line 88, in send',
    "nodejs": "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
}


def exception_of(span: TracedSpan) -> SpanException | None:
    """What a span's instrumentation recorded of the exception that ended it; None where there was none."""
    if not span.exception:
        return None
    language = span.place.resource.attributes.get("telemetry.sdk.language", "")
    words = {**_OTHERS, **_WORDS.get(language, {})}
    name, message = words.get(span.exception, words["exception"])
    host = span.place.tags.get("server.address", "")
    text = message.format(host=host, place=f"{host}:{span.place.tags.get('server.port', '')}")
    return SpanException(name, text, _stack(language, name, text))


def _stack(language: str, name: str, message: str) -> str:
    frames = _FRAMES.get(language, "")
    if language in ("java", "nodejs"):
        return f"{name}: {message}\n{frames}"
    return f"{frames}\n{name}: {message}" if frames else f"{name}: {message}"
