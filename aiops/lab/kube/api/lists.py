"""Lists: the objects that match, as of which revision, and page by page.

Every page of a list shows its first page's revision. A token of one that is too old comes back with 410, and with
another token that goes on with the present.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.options import EXACT, ListOptions, version_problem
from aiops.lab.kube.encoding.jsontext import WrongTextError, parse_json
from aiops.lab.kube.errors import ApiError, bad_request
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.selectors import Predicate, everything, match_labels, parse_fields, parse_labels
from aiops.lab.kube.storage.store import ObjectStore

_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 - the form of continue tokens
_INCONSISTENT = -1
"""The revision of a token that goes on with whatever is there."""

_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page starts: behind a key, in the list of a revision."""

    revision: int
    after: Key | None = None


def list_page(store: ObjectStore, call: Call, options: ListOptions) -> tuple[list[Manifest], dict[str, Any]]:
    """A page of objects and the list's metadata. Raises 400, 410, 504."""
    matches = predicate(call, options)
    namespace = call.info.namespace if call.resource.namespaced else ""
    place = _start(store, options)
    found = _objects(store, call, place, namespace)
    if matches is not everything:
        found = [item for item in found if matches(item)]
    revision = store.revision if place.revision == _INCONSISTENT else place.revision
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    limit = options.limit if options.version != "0" or options.token else 0
    if 0 < limit < len(found):
        metadata["continue"] = _token(place.revision, key_of(found[limit - 1]))
        if not options.labels and not options.fields:
            metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return found, metadata


def predicate(call: Call, options: ListOptions) -> Predicate:
    """The selectors of a list or watch, and the name where the path has one. Raises 400."""
    tests = [match_labels(parse_labels(options.labels)), parse_fields(options.fields, call.resource)]
    if name := call.info.name:
        tests.append(lambda item: bool(item["metadata"]["name"] == name))
    tests = [test for test in tests if test is not everything]
    if len(tests) == 1:
        return tests[0]
    return (lambda item: all(test(item) for test in tests)) if tests else everything


def _objects(store: ObjectStore, call: Call, place: _Place, namespace: str) -> list[Manifest]:
    shelf = call.resource.shelf
    if place.revision in (_INCONSISTENT, store.revision):
        return store.objects(shelf, namespace, after=place.after)
    try:
        return store.objects_at(shelf, place.revision, namespace, after=place.after)
    except ApiError as error:
        if place.after is None:
            raise
        token = _token(_INCONSISTENT, place.after)
        raise ApiError(410, "Expired", _TOO_OLD, metadata={"continue": token}) from error


def _start(store: ObjectStore, options: ListOptions) -> _Place:
    if options.token:
        place = _continued(options.token)
        if options.version not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        return place
    if wrong := version_problem(options.version):
        raise bad_request(f"invalid resource version: {wrong}")
    wanted = int(options.version or 0)
    check_not_future(store, wanted)
    return _Place(wanted if options.match == EXACT else store.revision)


def check_not_future(store: ObjectStore, revision: int) -> None:
    """Refuse to wait for a revision that nothing has reached. Raises 504."""
    if revision > store.revision:
        cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
        text = f"Timeout: Too large resource version: {revision}, current: {store.revision}"
        raise ApiError(504, "Timeout", text, {"causes": [cause], "retryAfterSeconds": 1})


def _token(revision: int, key: Key) -> str:
    """As the API server writes it; `start` is the key of the next object at the earliest."""
    start = "/".join(part for part in key if part) + "\0"
    text = orjson.dumps({"v": _TOKEN_VERSION, "rv": revision, "start": start})
    return urlsafe_b64encode(text).decode().rstrip("=")


def _continued(token: str) -> _Place:
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        value = parse_json(text)
    except WrongTextError as error:
        strange = text[:1] >= b"\x80"
        why = f"invalid character '\\u{text[0]:04x}' looking for beginning of value" if strange else str(error)
        raise _wrong_token(why) from error
    except (Base64Error, ValueError) as error:
        raise _wrong_token("illegal base64 data at input byte 0") from error
    if not isinstance(value, dict) or value.get("v") != _TOKEN_VERSION:
        raise _wrong_token("server does not recognize this encoded version")
    start, revision = value.get("start"), value.get("rv")
    if not isinstance(start, str) or not start or not isinstance(revision, int) or revision < _INCONSISTENT:
        raise _wrong_token("incorrect encoded start resourceVersion")
    namespace, _, name = start.rstrip("\0").rpartition("/")
    return _Place(revision, (namespace, name))


def _wrong_token(why: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")
