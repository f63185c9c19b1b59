"""One call of a webhook over HTTPS, with the authority of its `caBundle`. It blocks; its errors are in Go's words."""

from __future__ import annotations

import ssl
from base64 import b64decode
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import orjson

from aiops.lab.kube.admission.webhooks.review import CallFailedError

MOST_BYTES = 3 * 1024 * 1024
"""What is read of an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent where. `timeout` is in wall seconds."""

    url: str
    authority: str
    review: dict[str, Any]
    timeout: float

    @property
    def key(self) -> str:
        """Equal for equal questions."""
        return f"{self.url} {self.review['request']['uid']}"


def post(call: Call) -> Any:
    """The JSON value that the webhook answers. Raises CallFailedError."""
    parts = urlsplit(call.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    where = f"{parts.hostname}:{port}"
    try:
        connection = _connection(parts.scheme, parts.hostname or "", port, call)
        try:
            path = f"{parts.path or '/'}?{parts.query}"
            headers = {"Content-Type": "application/json", "Accept": "application/json, */*"}
            connection.request("POST", path, orjson.dumps(call.review), headers)
            response = connection.getresponse()
            content = response.read(MOST_BYTES)
        finally:
            connection.close()
    except TimeoutError as error:
        raise _failed(call, "context deadline exceeded") from error
    except ConnectionRefusedError as error:
        raise _failed(call, f"dial tcp {where}: connect: connection refused") from error
    except ssl.SSLCertVerificationError as error:
        raise _failed(call, f"tls: failed to verify certificate: x509: {_authority_problem(error)}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(call, str(error) or type(error).__name__) from error
    return _read(response.status, content)


def _connection(scheme: str, host: str, port: int, call: Call) -> HTTPConnection:
    if scheme != "https":
        return HTTPConnection(host, port, timeout=call.timeout)
    authority = b64decode(call.authority).decode() if call.authority else None
    context = ssl.create_default_context(cadata=authority)
    return HTTPSConnection(host, port, timeout=call.timeout, context=context)


def _read(status: int, content: bytes) -> Any:
    if status >= 400:
        raise CallFailedError("failed to call webhook: the server rejected our request for an unknown reason")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CallFailedError(f"failed to call webhook: couldn't decode the answer: {error}") from error


def _authority_problem(error: ssl.SSLCertVerificationError) -> str:
    if "hostname" in str(error).lower() or "IP address" in str(error):
        return "certificate is not valid for the webhook's address"
    if "expired" in str(error):
        return "certificate has expired or is not yet valid"
    return "certificate signed by unknown authority"


def _failed(call: Call, why: str) -> CallFailedError:
    return CallFailedError(f'failed to call webhook: Post "{call.url}": {why}')
