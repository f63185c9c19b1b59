"""What a data store's own log lines blame: itself, or the volumes under it."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.store_signatures import store_signature_of
from aiops.analysis.state.storage.users import mounts
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

OF_VOLUMES = frozenset({Mechanism.STORAGE_IO_ERROR, Mechanism.STORAGE_SLOW})


def may_be_store(workload: Entity, scope: Scope) -> bool:
    """Is it called, or a StatefulSet, and calls nobody? Whoever calls others also writes down what those answered."""
    graph = scope.call_map.graph()
    return not graph.callees(workload) and (workload.kind == "StatefulSet" or bool(graph.callers(workload)))


async def blamed_by_store(workload: Entity, line: str, pods: Sequence[str], tools: Toolbox) -> tuple[Hypothesis, ...]:
    """What a line that these pods of a store wrote speaks for; nothing where it has no known wording."""
    known = store_signature_of(line)
    if known is None:
        return ()
    subjects = await _claims(workload, pods, tools) if known.mechanism in OF_VOLUMES else ()
    return tuple(
        Hypothesis(subject=subject, mechanism=known.mechanism, strength=known.strength)
        for subject in subjects or (workload,)
    )


async def _claims(workload: Entity, names: Sequence[str], tools: Toolbox) -> tuple[Entity, ...]:
    """The claims that these pods mount."""
    pods = [pod for pod in await read_kind(tools, "Pod", workload.namespace) if pod["metadata"]["name"] in names]
    found = sorted({name for pod in pods for name in mounts(pod.get("spec", {}))})
    return tuple(Entity(kind="PersistentVolumeClaim", namespace=workload.namespace, name=name) for name in found)
