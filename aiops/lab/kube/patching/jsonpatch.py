"""JSON Patch, RFC 6902."""

from __future__ import annotations

from typing import Any

import orjson

from aiops.lab.kube.errors import ApiError, bad_request
from aiops.lab.kube.objects import clone

MOST_OPERATIONS = 10_000

MOST_COPIED = 3 * 1024 * 1024
"""Bytes of JSON that all `copy` operations of a patch may add: thirty short ones could else fill any memory."""


def json_patch(document: Any, operations: Any) -> Any:
    """The patched document; the one given stays as it is. Raises 400 for what is no patch, 413 for one that is too
    long, and 422 for one that does not fit the document."""
    if not isinstance(operations, list):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    if len(operations) > MOST_OPERATIONS:
        text = f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {len(operations)}"
        raise ApiError(413, "RequestEntityTooLarge", text)
    document, copied = clone(document), 0
    for operation in operations:
        if not isinstance(operation, dict) or operation.get("op") not in _OPERATIONS:
            raise refused()
        if operation["op"] == "copy":
            copied += _copied_bytes(document, operation)
            if copied > MOST_COPIED:
                raise refused()
        document = _OPERATIONS[operation["op"]](document, operation)
    return document


def refused() -> ApiError:
    """A patch that does not fit: the API server does not say which of its operations."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def _pointer(operation: dict[str, Any], field: str = "path") -> list[str]:
    """The reference tokens of RFC 6901."""
    text = operation.get(field)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise refused()
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


def _value(operation: dict[str, Any]) -> Any:
    """The value; the API server takes a missing one for null."""
    return clone(operation.get("value"))


def _index(items: list[Any], token: str, *, end: bool) -> int:
    if end and token == "-":  # noqa: S105 - RFC 6901's name for the place behind the last item
        return len(items)
    if not token.isdecimal() or (len(token) > 1 and token[0] == "0"):
        raise refused()
    if int(token) >= len(items) + end:
        raise refused()
    return int(token)


def _get(document: Any, tokens: list[str]) -> Any:
    for token in tokens:
        if isinstance(document, list):
            document = document[_index(document, token, end=False)]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            raise refused()
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
        raise refused()
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
    """As the API server replaces: a field of an object need not be there."""
    tokens = _pointer(operation)
    if tokens:
        parent = _get(document, tokens[:-1])
        if isinstance(parent, list):
            del parent[_index(parent, tokens[-1], end=False)]
    return _put(document, tokens, _value(operation))


def _move(document: Any, operation: dict[str, Any]) -> Any:
    source, target = _pointer(operation, "from"), _pointer(operation)
    if target[: len(source)] == source and target != source:
        raise refused()
    document, value = _take(document, source)
    return _put(document, target, value)


def _copy(document: Any, operation: dict[str, Any]) -> Any:
    return _put(document, _pointer(operation), clone(_get_or_null(document, _pointer(operation, "from"))))


def _copied_bytes(document: Any, operation: dict[str, Any]) -> int:
    try:
        return len(orjson.dumps(_get_or_null(document, _pointer(operation, "from"))))
    except orjson.JSONEncodeError as error:  # copies into copies, deeper than JSON can be written
        raise refused() from error


def _test(document: Any, operation: dict[str, Any]) -> Any:
    if not _equal(_get_or_null(document, _pointer(operation)), _value(operation)):
        raise refused()
    return document


def _get_or_null(document: Any, tokens: list[str]) -> Any:
    """As the API server reads for `copy` and `test`: a field that an object does not have is null."""
    parent = _get(document, tokens[:-1]) if tokens else None
    return None if isinstance(parent, dict) and tokens[-1] not in parent else _get(document, tokens)


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
