"""Fault: a variable without which a program does not start is gone."""

from __future__ import annotations

from typing import Annotated

from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.addresses import address_variables, in_full, value_before
from aiops.faults.kit.environment import Variable, current_value
from aiops.faults.kit.workloads import for_container
from aiops.faults.parameters import choose
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, variable: Variable) -> bool:
    """A container that starts now must get a value, from wherever."""
    return not await current_value(target, variable)


async def _other_fix(target: Target, before: Before, variable: Variable) -> None:
    """The value itself, with the whole name of the host."""
    value = in_full(value_before(before, variable), variable.deployment.namespace)
    await target.patch(
        variable.deployment, for_container(variable.container, env=[{"name": variable.name, "value": value}])
    )


@fault(
    Mechanism.CONFIG_ENV_MISSING,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def missing_env_variable(
    target: Target,
    variable: Annotated[
        Variable, choose("a variable that holds a Service's address", address_variables, Variable.parse)
    ],
) -> GroundTruth:
    """A Deployment is rolled out without a variable that its program needs: new pods end at their start."""
    await current_value(target, variable)
    gone = {"name": variable.name, "$patch": "delete"}
    await target.patch(variable.deployment, for_container(variable.container, env=[gone]))
    return GroundTruth(subject=variable.deployment, mechanism=Mechanism.CONFIG_ENV_MISSING, field=variable.path)
