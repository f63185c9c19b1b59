"""The refused call that a cause rests on, and the recorded changes that may have taken the right to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.analysis.changes.suspicion import SLACK
from aiops.analysis.policy.rbac import Request
from aiops.analysis.state.cluster import service_account
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism

FELT_WITHIN = 900.0
"""Seconds in which trouble follows the loss of a right that is needed. What nobody missed for longer was taken on
purpose, as far as one can tell: giving it back is for people."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that an account is refused and was allowed before."""

    account: Entity
    request: Request


def refusal_of(case: RemedyCase) -> Refusal | None:
    """The refused call behind a cause: a log told of it, the API server confirmed it, and the history knows that it
    was allowed before. None where one of these is missing."""
    for item in case.cited:
        workload = item.subject
        if item.source is not Source.LOGS or not isinstance(workload, Entity):
            continue
        manifest = case.state.find(workload.kind, workload.namespace, workload.name)
        for guess in item.suggests:
            rules = guess.wanted
            told = guess.subject == case.cause.subject and guess.mechanism is Mechanism.AUTH_RBAC_DENIED
            if manifest is not None and told and isinstance(rules, list) and rules:
                account = Entity(kind="ServiceAccount", namespace=workload.namespace, name=service_account(manifest))
                return Refusal(account, _request(rules[0], workload.namespace))
    return None


def recent(case: RemedyCase, subject: Entity) -> Iterator[Change]:
    """The changes of an object that trouble followed soon, the newest first."""
    for change in case.changes:
        soon = case.onset - FELT_WITHIN <= change.at <= case.onset + SLACK
        if change.entity == subject and soon and change.verb != "created":
            yield change


async def all_rbac(case: RemedyCase, namespace: str) -> list[Manifest]:
    """The roles and bindings that reach into a namespace, as far as they can be read."""
    cluster = [item for kind in ("ClusterRole", "ClusterRoleBinding") for item in await read_kind(case.tools, kind)]
    return [*case.state.of("Role", namespace), *case.state.of("RoleBinding", namespace), *cluster]


def because(subject: Entity, change: Change, refusal: Refusal) -> str:
    """Why a right is given back, in a sentence."""
    who = f" by {change.actor}" if change.actor else ""
    verb = "deleted" if change.verb == "deleted" else "changed"
    return f"{refusal.account} is refused to {refusal.request}; it was allowed until {subject} was {verb}{who}."


def _request(rule: Manifest, namespace: str) -> Request:
    names = rule.get("resourceNames") or [""]
    return Request(rule["verbs"][0], rule["resources"][0], rule["apiGroups"][0], namespace, names[0])
