"""Families of request metrics, read from data: what a cluster has of them, and whom a series is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from aiops.core.entity import Entity
from aiops.core.model import Value

TRAEFIK = "namespace-name-port@provider"


class Told(Value):
    """The labels by which a series tells whom it is about. An empty `namespace` label: it does not tell that.

    `written` is how the name is made of several; empty: it is the name itself."""

    kind: str
    namespace: str
    name: str
    written: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order in which series are summed by them."""
        return tuple(label for label in (self.namespace, self.name) if label)

    def entity(self, labels: Mapping[str, str], namespaces: Collection[str] = ()) -> Entity | None:
        """Whom a series with these labels is about; None where it does not say. `namespaces` are those there are."""
        name, namespace = labels.get(self.name, ""), labels.get(self.namespace, "")
        if self.written == TRAEFIK:
            namespace, name = _parts(name, namespaces)
        return Entity(kind=self.kind, namespace=namespace, name=name) if name else None


class Family(Value):
    """One family: the counter of requests, label matchers of those that count and that failed, the name of the
    histogram or summary of durations without its suffix, whose unit is `scale` seconds, and the labels of the entity.

    `entry`: it is measured where users come in; `refused` matches what is answered there as the client's mistake."""

    name: str
    title: str
    requests: str
    failed: str
    refused: str = ""
    duration: str
    only: str = ""
    scale: float = 1.0
    entry: bool = False
    told_by: tuple[Told, ...]


class Recognised(Value):
    """A family that a cluster has, with the labels by which its series are told apart there."""

    family: Family
    told: Told


@cache
def families() -> tuple[Family, ...]:
    """All families that are known, in order of precedence where one request is counted by several."""
    text = files(__package__).joinpath("families.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Family, ...]).validate_python(yaml.safe_load(text))


def recognise(family: Family, label_sets: Iterable[Mapping[str, str]]) -> Recognised | None:
    """How the series of a family with these label sets are told apart; None where no known way fits most of them."""
    found = list(label_sets)
    for told in family.told_by:
        fitting = sum(all(labels.get(label) for label in told.labels) for labels in found)
        if found and 2 * fitting > len(found):
            return Recognised(family=family, told=told)
    return None


def _parts(name: str, namespaces: Collection[str]) -> tuple[str, str]:
    """(namespace, name) of Traefik's name of a service: `shop-web-80@kubernetes`. Of the namespaces there are, the
    longest that fits; where none does, what stands before the first dash."""
    bare = name.split("@")[0]
    fitting = [one for one in namespaces if bare.startswith(f"{one}-")]
    namespace = max(fitting, key=len) if fitting else bare.split("-")[0]
    rest = bare[len(namespace) + 1 :]
    service, _, port = rest.rpartition("-")
    return (namespace, service) if service and port else ("", bare)
