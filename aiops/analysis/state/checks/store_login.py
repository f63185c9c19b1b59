"""A store that does not let a caller in, or does not let it do what it did before: whose side is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aiops.analysis.calls.error_kinds import ErrorKind
from aiops.analysis.state.cluster import ClusterState, ObservedCall, pod_template
from aiops.analysis.state.containers.key_references import key_references
from aiops.analysis.state.network.failing_calls import called_service, described, failing_calls
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.redaction import names_credential

_WORD = re.compile(r"[a-z0-9]+")

REPLACED = 0.9
"""The caller took its login from another Secret before: strength of blaming the one of now."""

HELD, UNKNOWN_USER = 0.4, 0.5
"""Strength of blaming the Secret that a caller logs in with, and the store for not knowing the user: the error is the
same. A Secret is right until somebody writes it, which a change would tell."""

REVOKED = 0.8
"""The login is accepted and what is asked for is not: rights are kept by the store."""


@dataclass(frozen=True, slots=True)
class Login:
    """The Secret and the key of it that a workload takes a credential from."""

    secret: Entity
    key: str
    variable: str


@check("store-login")
def store_login(state: ClusterState) -> Iterator[Finding]:
    """Calls that fail because the other side does not accept the caller's login, or its rights."""
    for call in failing_calls(state, ErrorKind.LOGIN, ErrorKind.PERMISSION):
        service = called_service(state, call)
        stores = [Entity.of(w) for w in state.backends(service)] if service else []
        if service is None or not stores:
            continue
        if call in failing_calls(state, ErrorKind.PERMISSION):
            suggests = _blame(stores[0], Mechanism.AUTH_ROLE_REVOKED, REVOKED)
            yield _finding(call, stores[0], "may no longer do what it asks for", suggests)
        else:
            yield _finding(call, stores[0], "is not let in", _who(state, call, Entity.of(service), stores[0]))


def _finding(call: ObservedCall, store: Entity, what: str, suggests: tuple[Hypothesis, ...]) -> Finding:
    return Finding(
        subject=Edge(source=call.source, target=store),
        seen_in=store,
        summary=f"{call.source} {what} by {store}.",
        observed=described(call),
        score=0.9,
        suggests=suggests,
    )


def _who(state: ClusterState, call: ObservedCall, service: Entity, store: Entity) -> tuple[Hypothesis, ...]:
    """What to blame for a refused login: the Secret that the caller takes it from, or a store without the user."""
    workload = state.find(call.source.kind, call.source.namespace, call.source.name)
    logins = _relevant(logins_of(workload), state, service, store) if workload else []
    earlier = state.templates(call.source)[:1]
    before = {login.secret for template in earlier for login in _logins(template, call.source.namespace)}
    found: list[Hypothesis] = []
    for login in logins:
        replaced = bool(earlier) and login.secret not in before
        path = f"data.{login.key}" if login.key else "data"
        found += _blame(login.secret, Mechanism.AUTH_CREDENTIAL, REPLACED if replaced else HELD, path)
    return (*found, *_blame(store, Mechanism.AUTH_USER_MISSING, UNKNOWN_USER))


def logins_of(workload: Manifest) -> list[Login]:
    """The Secrets that a workload's containers take credentials from."""
    return _logins(pod_template(workload), workload["metadata"].get("namespace", ""))


def _logins(template: Manifest, namespace: str) -> list[Login]:
    spec = template.get("spec", {})
    found: dict[tuple[str, str], Login] = {}
    for container in spec.get("containers") or []:
        for reference in key_references(container, namespace):
            if reference.config.kind == "Secret":
                login = Login(reference.config, reference.key, reference.variable)
                found.setdefault((login.secret.name, login.key), login)
    for volume in spec.get("volumes") or []:
        if name := (volume.get("secret") or {}).get("secretName"):
            found.setdefault((name, ""), Login(Entity(kind="Secret", namespace=namespace, name=name), "", ""))
    return list(found.values())


def _relevant(logins: list[Login], state: ClusterState, service: Entity, store: Entity) -> list[Login]:
    """Those that are for this store: it takes the same Secret, or a name speaks of it; else all that may be a
    credential, else all."""
    manifest = state.find(store.kind, store.namespace, store.name)
    shared = {login.secret for login in logins_of(manifest)} if manifest else set()
    same = [login for login in logins if login.secret in shared]
    words = set(_WORD.findall(service.name.lower()))
    named = [
        login for login in logins if words.issubset(_WORD.findall(f"{login.secret.name} {login.variable}".lower()))
    ]
    kept = same or named or logins
    return [login for login in kept if _is_credential(login)] or kept


def _is_credential(login: Login) -> bool:
    return any(names_credential(name) for name in (login.key, login.variable))


def _blame(subject: Entity, mechanism: Mechanism, strength: float, field: str | None = None) -> tuple[Hypothesis, ...]:
    return (Hypothesis(subject=subject, mechanism=mechanism, strength=strength, field=field),)
