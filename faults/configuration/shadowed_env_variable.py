"""Fault: a second entry of the same variable hides the one that was meant."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.addresses import address_variables, in_full, leads_astray, mistaken, value_before
from aiops.faults.kit.environment import Variable, current_value
from aiops.faults.kit.workloads import containers
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, variable: Variable, form: str) -> bool:
    return await leads_astray(target, variable, value_before(before, variable))


async def _other_fix(target: Target, before: Before, variable: Variable, form: str) -> None:
    """The entry that wins says the right thing."""
    deployment = await target.get(variable.deployment)
    place, entries = _entries(deployment, variable)
    last = max(number for number, entry in enumerate(entries) if entry["name"] == variable.name)
    value = in_full(value_before(before, variable), variable.deployment.namespace)
    await target.patch(variable.deployment, [_operation("replace", f"{place}/{last}", variable.name, value)], "json")


@fault(
    Mechanism.CONFIG_ENV_SHADOWED,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def shadowed_env_variable(
    target: Target,
    variable: Annotated[
        Variable, choose("a variable that holds a Service's address", address_variables, Variable.parse)
    ],
    form: Annotated[str, one_of("port", "namespace", "name")],
) -> GroundTruth:
    """A later entry of the same name hides a variable: the new pods start, and call an address that is not served."""
    deployment, value = await target.get(variable.deployment), await current_value(target, variable)
    if value is None:
        raise NotPossibleError(f"{variable} has no value")
    place, _ = _entries(deployment, variable)
    other = mistaken(value, variable.deployment.namespace, form)
    await target.patch(variable.deployment, [_operation("add", f"{place}/-", variable.name, other)], "json")
    return GroundTruth(
        subject=variable.deployment,
        mechanism=Mechanism.CONFIG_ENV_SHADOWED,
        field=f"spec.template.spec.containers[{variable.container}].env",
    )


def _entries(deployment: Manifest, variable: Variable) -> tuple[str, list[Manifest]]:
    """The JSON pointer to the container's variables, and these."""
    for number, container in enumerate(containers(deployment)):
        if container["name"] == variable.container:
            return f"/spec/template/spec/containers/{number}/env", container.get("env") or []
    raise NotPossibleError(f"{variable.deployment} has no container {variable.container}")


def _operation(verb: str, path: str, name: str, value: str) -> dict[str, Any]:
    return {"op": verb, "path": path, "value": {"name": name, "value": value}}
