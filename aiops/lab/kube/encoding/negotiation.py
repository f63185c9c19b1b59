"""In which form a client wants its answer: the `Accept` header, as the API server reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiops.lab.kube.errors import ApiError

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
MEDIA = (JSON, YAML, PROTOBUF)
STREAMED = (*MEDIA, f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
"""Where objects are listed, they can be watched, too."""

TABLE = "Table"
METADATA = "PartialObjectMetadata"
METADATA_LIST = "PartialObjectMetadataList"
_META = {(TABLE, "v1"), (TABLE, "v1beta1")} | {
    (kind, version) for kind in (METADATA, METADATA_LIST) for version in ("v1", "v1beta1")
}


@dataclass(frozen=True, slots=True)
class Form:
    """A media type, and the kind that objects are turned into where the client asks for one (`Table`)."""

    media: str = JSON
    kind: str = ""
    group: str = ""
    version: str = ""


PLAIN = Form()


def accepted(header: str, media: Iterable[str] = MEDIA) -> list[Form]:
    """What a client accepts of `media`, best first. An empty header accepts everything."""
    if not header.strip():
        return [PLAIN]
    clauses: list[tuple[float, Form]] = []
    offered = tuple(media)
    for clause in header.split(","):
        name, *parameters = [part.strip() for part in clause.split(";")]
        given = {key.strip(): value.strip() for key, _, value in (each.partition("=") for each in parameters)}
        found = offered[0] if name == "*/*" else name
        if found in offered:
            form = Form(found, given.get("as", ""), given.get("g", ""), given.get("v", ""))
            clauses.append((_quality(given.get("q", "1")), form))
    return [form for _, form in sorted(clauses, key=lambda clause: -clause[0])]


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def form_of_objects(header: str, offered: Iterable[str] = MEDIA) -> Form:
    """The form of an answer that is made of objects; `offered` are the media types that a refusal names. Raises 406."""
    forms = accepted(header)
    for form in forms:
        if not form.kind or (form.group == "meta.k8s.io" and (form.kind, form.version) in _META):
            return form
    raise no_such_form() if forms else not_acceptable(offered)


def no_such_form() -> ApiError:
    """Where a client accepts a media type, and then another kind than there is."""
    return ApiError(406, "NotAcceptable", f"only the following media types are accepted: {', '.join(MEDIA)}")


def not_acceptable(media: Iterable[str] = MEDIA) -> ApiError:
    message = f"406: Not Acceptable\n\nAvailable representations: {', '.join(media)}"
    return ApiError(406, "NotAcceptable", message, {})
