"""DeleteOptions, from a request's body or else from its query."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import QueryParams

from aiops.lab.kube.api.options import dry_run_problems, integer, is_true, refuse, unsupported
from aiops.lab.kube.errors import Cause, bad_request
from aiops.lab.kube.storage.deletion import DeleteOptions

_POLICIES = ("Foreground", "Background", "Orphan")


def delete_options(body: Any, query: QueryParams) -> DeleteOptions:
    """Decode and check. Raises 400, 422."""
    return _from_body(body) if body is not None else _from_query(query)


def _from_body(body: Any) -> DeleteOptions:
    if not isinstance(body, dict):
        raise bad_request(
            "couldn't get version/kind; json parse error: json: cannot unmarshal a value that is no object"
        )
    kind, version = body.get("kind") or "DeleteOptions", body.get("apiVersion") or "v1"
    if kind != "DeleteOptions":
        raise bad_request(
            f'no kind "{kind}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
        )
    conditions = body.get("preconditions") or {}
    grace = body.get("gracePeriodSeconds")
    if not isinstance(conditions, dict) or (grace is not None and not isinstance(grace, int)):
        raise bad_request(
            f'{kind} in version "{version}" cannot be handled as a DeleteOptions: a field has a wrong type'
        )
    dry_run = body.get("dryRun") or []
    return _checked(
        grace,
        body.get("propagationPolicy"),
        body.get("orphanDependents"),
        [str(each) for each in dry_run] if isinstance(dry_run, list) else [str(dry_run)],
        str(conditions.get("uid") or ""),
        str(conditions.get("resourceVersion") or ""),
    )


def _from_query(query: QueryParams) -> DeleteOptions:
    orphan = query.get("orphanDependents")
    return _checked(
        integer(query.get("gracePeriodSeconds")),
        query.get("propagationPolicy"),
        None if orphan is None else is_true(orphan),
        query.getlist("dryRun"),
        query.get("preconditions.uid", ""),
        query.get("preconditions.resourceVersion", ""),
    )


def _checked(
    grace: int | None, policy: Any, orphan: bool | None, dry_run: list[str], uid: str, version: str
) -> DeleteOptions:
    wrong: list[Cause] = []
    if policy is not None and orphan is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        wrong.append(Cause("FieldValueInvalid", f'Invalid value: "{policy}": {why}', "propagationPolicy"))
    if policy is not None and policy not in _POLICIES:
        wrong.append(unsupported("propagationPolicy", str(policy), (*_POLICIES, "nil")))
    wrong += dry_run_problems(dry_run)
    refuse("DeleteOptions", wrong)
    if orphan is not None:
        policy = "Orphan" if orphan else "Background"
    return DeleteOptions(
        grace_seconds=grace,
        propagation=policy or "",
        uid=uid,
        resource_version=version,
        dry_run=bool(dry_run),
    )
