"""Fault: a container port has another name than the Service asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.probes import PROBES
from aiops.faults.kit.workloads import containers, find, original, template_labels
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _by_name(target: Target, namespace: str) -> Sequence[Edge]:
    """A Service and the one Deployment behind it, where its port is that of a name."""
    workloads = [await target.get(entity) for entity in await serving(target, "Deployment", namespace)]
    found = []
    for entity in await serving(target, "Service", namespace):
        spec = (await target.get(entity))["spec"]
        behind = [item for item in workloads if spec["selector"].items() <= template_labels(item).items()]
        names = [port.get("name") for item in behind for port in containers(item)[0].get("ports") or ()]
        if len(behind) == 1 and spec["ports"][0].get("targetPort") in names:
            found.append(Edge(source=entity, target=Entity.of(behind[0])))
    return found


async def _present(target: Target, before: Before, pair: Edge, name: str) -> bool:
    """The Service's first port must send to the number that it sent to before, by whatever name."""
    old, service = original(before, pair.target), await find(target, pair.source)
    now = await find(target, pair.target)
    if service is None or now is None:
        return True
    asked = service["spec"]["ports"][0].get("targetPort")
    wanted = _number(old, original(before, pair.source)["spec"]["ports"][0]["targetPort"])
    return bool(_number(now, asked) != wanted)


async def _other_fix(target: Target, before: Before, pair: Edge, name: str) -> None:
    """The Service asks for the number."""
    port = original(before, pair.source)["spec"]["ports"][0]
    number = _number(original(before, pair.target), port["targetPort"])
    await target.patch(pair.source, {"spec": {"ports": [{"port": port["port"], "targetPort": number}]}})


@fault(
    Mechanism.CONFIG_TARGET_PORT,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def renamed_port(
    target: Target,
    pair: Annotated[Edge, choose("a Service and the Deployment behind its named port", _by_name, read_edge)],
    name: Annotated[str, one_of("web", "api", "main", "serving", "app-port", "traffic")],
) -> GroundTruth:
    """A Deployment's container port gets another name than its Service asks for: the new pods are no endpoints."""
    old = (await target.get(pair.source))["spec"]["ports"][0]["targetPort"]
    deployment = await target.get(pair.target)
    container = containers(deployment)[0]
    if any(port.get("name") == name for port in container["ports"]):
        raise NotPossibleError(f"{pair.target}: a port is called {name} already")
    changes = [
        _operation(f"/ports/{number}/name", name)
        for number, port in enumerate(container["ports"])
        if port.get("name") == old
    ]
    changes += [
        _operation(f"/{probe}/{check}/port", name)
        for probe in PROBES
        for check in ("httpGet", "tcpSocket")
        if ((container.get(probe) or {}).get(check) or {}).get("port") == old
    ]
    await target.patch(pair.target, changes, "json")
    return GroundTruth(
        subject=pair.target,
        mechanism=Mechanism.CONFIG_TARGET_PORT,
        field=f"spec.template.spec.containers[{container['name']}].ports",
    )


def _operation(path: str, value: str) -> dict[str, Any]:
    return {"op": "replace", "path": f"/spec/template/spec/containers/0{path}", "value": value}


def _number(deployment: Manifest, port: Any) -> Any:
    """The number of a port that may be named; None where the first container has none of the name."""
    if isinstance(port, int):
        return port
    named = {each.get("name"): each["containerPort"] for each in containers(deployment)[0].get("ports") or ()}
    return named.get(port)
