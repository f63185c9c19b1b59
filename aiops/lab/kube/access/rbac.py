"""Role-based access control: may this user do that? As Kubernetes' RBAC authorizer answers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from aiops.core.entity import Manifest
from aiops.lab.kube.access.user import MASTERS, SERVICE_ACCOUNT_PREFIX, User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.errors import ApiError

Rule = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"
_PLURALS = {"Role": "role", "ClusterRole": "clusterrole"}


class Reader(Protocol):
    """The reads that an authoriser needs."""

    def objects(self, kind: str, namespace: str = "") -> Iterable[Manifest]: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody wants to do: `verb` on a resource, or on a `path` outside the API's resources."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """May they? `reason` says by which binding; where nothing allows it, which bindings lead nowhere."""

    allowed: bool
    reason: str = ""


def access_of(info: RequestInfo) -> Access:
    if not info.is_resource:
        return Access(info.verb, path=info.path)
    return Access(info.verb, info.group, info.plural, info.subresource, info.namespace, info.name)


def decide(reader: Reader, user: User, access: Access) -> Decision:
    """The authoriser's answer, with its reason."""
    if MASTERS in user.groups:
        return Decision(True)
    missing: list[str] = []
    for why, rules in granted(reader, user, access.namespace, missing):
        if any(rule_allows(rule, access) for rule in rules):
            return Decision(True, f"RBAC: allowed by {why}")
    return Decision(False, f"RBAC: {joined(missing)}" if missing else "")


def allowed(reader: Reader, user: User, access: Access) -> bool:
    return decide(reader, user, access).allowed


def require(reader: Reader, user: User, access: Access) -> None:
    """Raises 403 where the user may not."""
    decision = decide(reader, user, access)
    if not decision.allowed:
        raise forbidden(user, access, decision.reason)


def forbidden(user: User, access: Access, reason: str = "") -> ApiError:
    """403, as the API server words what RBAC refuses."""
    why = f": {reason}" if reason else ""
    if access.path:
        message = f'forbidden: User "{user.name}" cannot {access.verb} path "{access.path}"{why}'
        return ApiError(403, "Forbidden", message, {})
    resource = f"{access.resource}/{access.subresource}" if access.subresource else access.resource
    where = f'in the namespace "{access.namespace}"' if access.namespace else "at the cluster scope"
    what = f"{access.resource}.{access.group}" if access.group else access.resource
    named = f' "{access.name}"' if access.name else ""
    message = (
        f'{what}{named} is forbidden: User "{user.name}" cannot {access.verb} resource "{resource}" '
        f'in API group "{access.group}" {where}{why}'
    )
    details = {"name": access.name, "group": access.group, "kind": access.resource}
    return ApiError(403, "Forbidden", message, {key: value for key, value in details.items() if value})


def joined(messages: list[str]) -> str:
    """Several errors in one line, each once, as Kubernetes joins them."""
    once = list(dict.fromkeys(messages))
    return once[0] if len(once) == 1 else f"[{', '.join(once)}]"


def granted(reader: Reader, user: User, namespace: str, missing: list[str]) -> Iterator[tuple[str, list[Rule]]]:
    """The rules that hold for a user, cluster-wide ones first, each binding's with the words for it. Bindings to roles
    that are not there are told in `missing`."""
    for kind, where in (("ClusterRoleBinding", ""), ("RoleBinding", namespace)):
        if kind == "RoleBinding" and not namespace:
            return
        for binding in reader.objects(kind, where):
            for subject in binding.get("subjects") or ():
                if _is_subject(subject, user, where):
                    rules = role_rules(reader, binding["roleRef"], where)
                    if rules is None:
                        missing.append(role_not_found(binding["roleRef"]))
                    else:
                        yield _words(kind, binding, subject, where), rules
                    break


def rules_of(reader: Reader, user: User, namespace: str) -> list[Rule]:
    """Every rule that holds for a user in a namespace."""
    return [rule for _, rules in granted(reader, user, namespace, []) for rule in rules]


def role_rules(reader: Reader, reference: dict[str, Any], namespace: str) -> list[Rule] | None:
    """The rules of the role that a binding names; None where there is none."""
    kind = reference.get("kind")
    if kind not in _PLURALS:
        return None
    role = reader.find(kind, namespace if kind == "Role" else "", reference["name"])
    return None if role is None else (role.get("rules") or [])


def role_not_found(reference: dict[str, Any]) -> str:
    kind = _PLURALS.get(reference.get("kind", ""))
    if kind is None:
        return f'unsupported role reference kind: "{reference.get("kind", "")}"'
    return f'{kind}.{GROUP} "{reference["name"]}" not found'


def _words(kind: str, binding: Manifest, subject: dict[str, Any], namespace: str) -> str:
    name = binding["metadata"]["name"] + (f"/{namespace}" if namespace else "")
    reference = binding["roleRef"]
    who = subject["name"]
    if subject.get("kind") == "ServiceAccount":
        who += f"/{subject.get('namespace') or namespace}"
    return f'{kind} "{name}" of {reference["kind"]} "{reference["name"]}" to {subject["kind"]} "{who}"'


def _is_subject(subject: dict[str, Any], user: User, namespace: str) -> bool:
    name = subject.get("name")
    if subject.get("kind") == "Group":
        return name in user.groups
    if subject.get("kind") == "ServiceAccount":
        where = subject.get("namespace") or namespace
        return bool(where) and user.name == f"{SERVICE_ACCOUNT_PREFIX}{where}:{name}"
    return subject.get("kind") == "User" and name == user.name


def rule_allows(rule: Rule, access: Access) -> bool:
    """Does one rule of a role allow the access?"""
    if not _covers(rule.get("verbs"), access.verb):
        return False
    if access.path:
        return any(_path_matches(pattern, access.path) for pattern in rule.get("nonResourceURLs") or ())
    wanted = f"{access.resource}/{access.subresource}" if access.subresource else access.resource
    resources = rule.get("resources") or ()
    if not _covers(resources, wanted) and f"*/{access.subresource or '-'}" not in resources:
        return False
    names = rule.get("resourceNames") or ()
    return _covers(rule.get("apiGroups"), access.group) and (not names or access.name in names)


def _covers(allowed_values: Any, wanted: str) -> bool:
    return bool(allowed_values) and ("*" in allowed_values or wanted in allowed_values)


def _path_matches(pattern: str, path: str) -> bool:
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))
