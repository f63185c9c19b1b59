"""What a disturbance is done to: pods and nodes, chosen by names and labels as Kubernetes knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from aiops.core.model import Value

Percent = Annotated[float, Field(gt=0, le=100)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Factor = Annotated[float, Field(gt=0, le=1_000)]
Bytes = Annotated[float, Field(gt=0, le=2**50)]
Settings = dict[str, str]
"""Variables of an environment and their values."""


def fits(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels hold everything that is wanted."""
    return all(labels.get(key) == value for key, value in wanted.items())


class Pods(Value):
    """The pods to which all of this applies; what is empty does not matter. `nodes` are those that they run on,
    `image` is the reference that one of their containers (`container`, where it is named) is to run."""

    namespace: str = ""
    names: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    container: str = ""
    image: str = ""

    def chooses(self, namespace: str, name: str, labels: Mapping[str, str], node: str) -> bool:
        """Whether a pod is one of them; which of its containers is another matter."""
        return (
            self.namespace in ("", namespace)
            and (not self.names or name in self.names)
            and (not self.nodes or node in self.nodes)
            and fits(self.labels, labels)
        )


class Nodes(Value):
    """The nodes to which all of this applies; one of the two must be said."""

    names: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)

    def chooses(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a node is one of them."""
        named = not self.names or name in self.names
        return bool(self.names or self.labels) and named and fits(self.labels, labels)


class Occasional(Value):
    """What is there only while a container of one of the pods `while_running` runs; None: always."""

    while_running: Pods | None = None


class OnPods(Occasional):
    """Something that is done to pods."""

    pods: Pods


class OnNodes(Occasional):
    """Something that is done to nodes."""

    nodes: Nodes
