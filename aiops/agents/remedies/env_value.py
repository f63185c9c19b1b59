"""An environment variable back to a value that leads somewhere."""

from __future__ import annotations

from aiops.agents.remedies.kit.field_paths import VARIABLE
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.set_env import set_env


@remedy(Mechanism.CONFIG_ENV_VALUE)
async def env_value(case: RemedyCase) -> list[Proposal]:
    """Set the variable to the value that the Services of the cluster imply."""
    workload, wanted = case.cause.subject, case.cause.wanted
    found = VARIABLE.search(case.cause.field or "")
    if found is None or not isinstance(workload, Entity) or not isinstance(wanted, str):
        return []
    reason = f"{found['name']} of {workload} should be {wanted}, as the Services of the cluster are."
    effect = f"{workload} reaches what it calls."
    arguments = {"workload": workload, "container": found["container"], "name": found["name"], "value": wanted}
    return [case.propose(set_env, workload, reason, effect, **arguments)]
