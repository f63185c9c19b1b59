"""Reviews: objects that are answered and never stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import Access, Reader, decide, granted, joined
from aiops.lab.kube.access.tokens import AUDIENCE, InvalidTokenError, TokenIssuer
from aiops.lab.kube.access.user import AUTHENTICATED, User
from aiops.lab.kube.errors import ApiError, bad_request

_ONE = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
_WHO = "at least one of user or group must be specified"
_BOTH = "cannot be specified in combination with resourceAttributes"


def review_access(reader: Reader, body: Manifest, user: User, namespace: str) -> Manifest:
    """Answer a SubjectAccessReview, its Local and its Self kind. `namespace` is the path's. Raises 400, 422."""
    kind, spec = body["kind"], body.get("spec") or {}
    _check_access_spec(kind, body, spec, namespace)
    if kind != "SelfSubjectAccessReview":
        extra = tuple(sorted((key, tuple(values)) for key, values in (spec.get("extra") or {}).items()))
        user = User(spec.get("user") or "", tuple(spec.get("groups") or ()), spec.get("uid") or "", extra)
    decision = decide(reader, user, _access(spec))
    status: dict[str, Any] = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return {**body, "metadata": body.get("metadata") or {}, "status": status}


def review_rules(reader: Reader, body: Manifest, user: User) -> Manifest:
    """Answer a SelfSubjectRulesReview. Raises 400."""
    namespace = (body.get("spec") or {}).get("namespace") or ""
    if not namespace:
        raise bad_request("no namespace on request")
    missing: list[str] = []
    rules = [rule for _, found in granted(reader, user, namespace, missing) for rule in found]
    fields = ("verbs", "apiGroups", "resources", "resourceNames")
    status: dict[str, Any] = {
        "resourceRules": [_only(rule, fields) for rule in rules if rule.get("resources")],
        "nonResourceRules": [
            _only(rule, ("verbs", "nonResourceURLs")) for rule in rules if rule.get("nonResourceURLs")
        ],
        "incomplete": False,
    }
    if missing:
        status["evaluationError"] = joined(missing)
    return {**_head(body), "metadata": {}, "spec": {}, "status": status}


def review_self(body: Manifest, user: User, now: float) -> Manifest:
    """Answer a SelfSubjectReview: who the caller is."""
    return {**_head(body), "metadata": {"creationTimestamp": rfc3339(now)}, "status": {"userInfo": user.info()}}


def review_token(issuer: TokenIssuer, static: Mapping[str, User], body: Manifest) -> Manifest:
    """Answer a TokenReview. Raises 400."""
    spec = body.get("spec") or {}
    token = spec.get("token") or ""
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    wanted = tuple(spec.get("audiences") or ()) or (AUDIENCE,)
    status = _token_status(issuer, static, token, wanted)
    return {**body, "metadata": body.get("metadata") or {}, "status": status}


def _token_status(
    issuer: TokenIssuer, static: Mapping[str, User], token: str, wanted: tuple[str, ...]
) -> dict[str, Any]:
    known = static.get(token)
    audiences: tuple[str, ...] = (AUDIENCE,)
    if known is not None:
        groups = known.groups if AUTHENTICATED in known.groups else (*known.groups, AUTHENTICATED)
        user = User(known.name, groups, known.uid, known.extra)
    else:
        try:
            identity = issuer.identify(token)
        except InvalidTokenError as error:
            return {"user": {}, "error": f"[invalid bearer token, {error}]"}
        if identity is None:
            return {"user": {}, "error": "invalid bearer token"}
        user, audiences = identity.user, identity.audiences
    common = [audience for audience in wanted if audience in audiences]
    if not common:
        shown = f"token audiences {_go_list(audiences)} is invalid for the target audiences {_go_list(wanted)}"
        return {"user": {}, "error": f"[invalid bearer token, {shown}]"}
    return {"authenticated": True, "user": user.info(), "audiences": common}


def _go_list(values: tuple[str, ...]) -> str:
    return "[" + " ".join(f'"{value}"' for value in values) + "]"


def _head(body: Manifest) -> Manifest:
    return {"kind": body["kind"], "apiVersion": body["apiVersion"]}


def _only(rule: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: rule[field] for field in fields if rule.get(field)}


def _check_access_spec(kind: str, body: Manifest, spec: dict[str, Any], namespace: str) -> None:
    """As `ValidateSubjectAccessReview` and its siblings do. Raises 422."""
    wrong: list[tuple[str, str, str]] = []
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        shown = f'{{"Path":"{path.get("path", "")}","Verb":"{path.get("verb", "")}"}}'
        wrong.append(("spec.nonResourceAttributes", shown, _BOTH))
    if resource is None and path is None:
        wrong.append(("spec.resourceAttributes", "null", _ONE))
    if kind != "SelfSubjectAccessReview" and not spec.get("user") and not spec.get("groups"):
        wrong.append(("spec.user", '""', _WHO))
    named = {key: value for key, value in (body.get("metadata") or {}).items() if key != "managedFields"}
    allowed_metadata = {"namespace": namespace} if kind == "LocalSubjectAccessReview" else {}
    if named and named != allowed_metadata:
        wrong.append(("metadata", _go_json(body["metadata"]), "must be empty"))
    if kind == "LocalSubjectAccessReview":
        inner = (resource or {}).get("namespace", "")
        if resource is not None and inner != namespace:
            wrong.append(("spec.resourceAttributes.namespace", f'"{inner}"', "must match metadata.namespace"))
        if path is not None:
            wrong.append(("spec.nonResourceAttributes", "", "disallowed on this kind of request"))
    if wrong:
        raise _invalid(wrong)


def _go_json(metadata: dict[str, Any]) -> str:
    inner = ",".join(f'"{key}":"{value}"' for key, value in metadata.items() if isinstance(value, str))
    return f"{{{inner}}}"


def _invalid(wrong: list[tuple[str, str, str]]) -> ApiError:
    causes = [
        {"reason": "FieldValueInvalid", "message": f"Invalid value: {shown}: {why}", "field": field}
        for field, shown, why in wrong
    ]
    texts = [f"{cause['field']}: {cause['message']}" for cause in causes]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    # The server names no kind here.
    details = {"group": "authorization.k8s.io", "causes": causes}
    return ApiError(422, "Invalid", f'.authorization.k8s.io "" is invalid: {text}', details)


def _access(spec: dict[str, Any]) -> Access:
    path = spec.get("nonResourceAttributes")
    if path:
        return Access(path.get("verb", ""), path=path.get("path", ""))
    fields = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Access(**{field: str((spec.get("resourceAttributes") or {}).get(field) or "") for field in fields})
