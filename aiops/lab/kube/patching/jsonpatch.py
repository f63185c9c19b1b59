"""JSON Patch, RFC 6902."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.errors import ApiError, bad_request
from aiops.lab.kube.objects import clone


def json_patch(document: Any, operations: Any) -> Any:
    """The patched document; the one given stays as it is. Raises 400 for a malformed patch and 422 for one that does
    not fit the document."""
    if not isinstance(operations, list):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    document = clone(document)
    for index, operation in enumerate(operations):
        if not isinstance(operation, dict) or operation.get("op") not in _OPERATIONS:
            raise bad_request(f"error decoding patch: operation {index} has no known op: {operation!r}")
        document = _OPERATIONS[operation["op"]](document, operation)
    return document


def _pointer(operation: dict[str, Any], field: str = "path") -> list[str]:
    """The reference tokens of RFC 6901."""
    text = operation.get(field)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise bad_request(f"error decoding patch: {field} is no JSON pointer: {text!r}")
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


def _value(operation: dict[str, Any]) -> Any:
    if "value" not in operation:
        raise bad_request(f"error decoding patch: {operation['op']} needs a value")
    return clone(operation["value"])


def _misfit(what: str) -> ApiError:
    return ApiError(422, "Invalid", f"the server rejected our request due to an error in our request: {what}")


def _index(items: list[Any], token: str, *, end: bool) -> int:
    if end and token == "-":  # noqa: S105 - RFC 6901's name for the place behind the last item
        return len(items)
    if not token.isdecimal() or (len(token) > 1 and token[0] == "0"):
        raise _misfit(f"{token!r} is no index")
    if int(token) >= len(items) + end:
        raise _misfit(f"index {token} is out of bounds")
    return int(token)


def _get(document: Any, tokens: list[str]) -> Any:
    for token in tokens:
        if isinstance(document, list):
            document = document[_index(document, token, end=False)]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            raise _misfit(f"no such path: {token!r} of {'/'.join(tokens)!r}")
    return document


def _put(document: Any, tokens: list[str], value: Any) -> Any:
    if not tokens:
        return value
    parent = _get(document, tokens[:-1])
    if isinstance(parent, list):
        parent.insert(_index(parent, tokens[-1], end=True), value)
    elif isinstance(parent, dict):
        parent[tokens[-1]] = value
    else:
        raise _misfit(f"nothing can be added below {'/'.join(tokens[:-1])!r}")
    return document


def _take(document: Any, tokens: list[str]) -> tuple[Any, Any]:
    """The document without the value at a path, and that value."""
    value = _get(document, tokens)
    if not tokens:
        return None, value
    parent = _get(document, tokens[:-1])
    if isinstance(parent, list):
        del parent[_index(parent, tokens[-1], end=False)]
    else:
        del parent[tokens[-1]]
    return document, value


def _add(document: Any, operation: dict[str, Any]) -> Any:
    return _put(document, _pointer(operation), _value(operation))


def _remove(document: Any, operation: dict[str, Any]) -> Any:
    return _take(document, _pointer(operation))[0]


def _replace(document: Any, operation: dict[str, Any]) -> Any:
    tokens = _pointer(operation)
    document, _ = _take(document, tokens)
    return _put(document, tokens, _value(operation))


def _move(document: Any, operation: dict[str, Any]) -> Any:
    source, target = _pointer(operation, "from"), _pointer(operation)
    if target[: len(source)] == source and target != source:
        raise _misfit("a value cannot be moved into itself")
    document, value = _take(document, source)
    return _put(document, target, value)


def _copy(document: Any, operation: dict[str, Any]) -> Any:
    return _put(document, _pointer(operation), clone(_get(document, _pointer(operation, "from"))))


def _test(document: Any, operation: dict[str, Any]) -> Any:
    actual, wanted = _get(document, _pointer(operation)), _value(operation)
    if not _equal(actual, wanted):
        raise _misfit(f"testing value {operation['path']} failed")
    return document


def _equal(left: Any, right: Any) -> bool:
    """JSON equality: `true` is not 1, as it is in Python."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_equal(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


_OPERATIONS = {"add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test}
