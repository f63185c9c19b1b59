"""The new names of everything in an application that has one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from aiops.lab.apps.expected import Callgraph
from aiops.lab.apps.generated.naming import Namer
from aiops.lab.apps.model import CLUSTER_NAMESPACES, Application, Program

Map = dict[str, str]

_KINDS = {"store": "stores", "queue": "queues"}


@dataclass(frozen=True, slots=True)
class NewNames:
    """New names by old ones; `variables` by program. What is not here keeps its name: what the platform brings, and
    what its maker gave a public image."""

    application: str
    namespaces: Map
    workloads: Map
    services: Map
    programs: Map
    secrets: Map
    configs: Map
    certificates: Map
    priorities: Map
    topics: Map
    operations: Map
    variables: dict[str, Map]

    @property
    def words(self) -> Map:
        """Every name of a thing that a rule may speak of."""
        return {**self.topics, **self.programs, **self.services, **self.workloads, **self.namespaces}


def draw_names(application: Application, rng: Random) -> NewNames:
    """Names from `rng` for everything; no two things of an application share one."""
    own = [name for name in application.workloads if application.namespace_of(name) in application.namespaces]
    taken = {*application.workloads, *application.programs, *application.namespaces, *CLUSTER_NAMESPACES}
    names = Namer(rng, taken)
    title = names.plain("applications")
    namespaces = {place: names.compound("applications") for place in application.namespaces[1:]}
    workloads = {name: names.compound(_kind(application, name)) for name in own}
    built = [name for name, program in application.programs.items() if program.role == "service"]
    return NewNames(
        application=title,
        namespaces={application.namespace: title, **namespaces},
        workloads=workloads,
        services={application.workloads[name].service or name: new for name, new in workloads.items()},
        programs={name: workloads.get(name) or names.compound("roles") for name in built},
        secrets={name: f"{names.compound('settings')}-{rng.randrange(10)}" for name in application.secrets},
        configs={name: names.compound("settings") for name in application.configs},
        certificates={name: f"{names.compound('settings')}-tls" for name in application.tls.secrets},
        priorities={name: names.compound("settings") for name in application.priorities},
        topics={topic: names.compound("queues") for topic in dict.fromkeys(_topics(application))},
        operations={operation.name: names.compound("roles") for operation in application.operations},
        variables=_variables(application, workloads, names),
    )


def _kind(application: Application, name: str) -> str:
    if name == application.entry:
        return "front"
    return _KINDS.get(application.programs[application.workloads[name].program].role, "roles")


def _topics(application: Application) -> Iterator[str]:
    for program in application.programs.values():
        yield from program.topics


def _variables(application: Application, workloads: Map, names: Namer) -> dict[str, Map]:
    """By program: the variables with addresses and passwords, in one style for the whole application."""
    address, password = names.word("addresses"), names.word("passwords")
    graph, made = Callgraph(application), {}
    for name, workload in application.workloads.items():
        program = application.programs[workload.program]
        if workload.program in made or name not in workloads:
            continue
        targets = {variable: graph.reached(name, variable) for variable in _addressed(program)}
        own = {v: address.format(_upper(workloads.get(target, target))) for v, target in targets.items()}
        for number, variable in enumerate(v for v in workload.secrets if v != program.password_variable):
            own[variable] = password.format(f"{_upper(names.word('subjects'))}_{number}")
        made[workload.program] = own
    return made


def _addressed(program: Program) -> dict[str, None]:
    """The variables in which a program looks for addresses, each once."""
    wanted = [call.to for route in program.routes.values() for stage in route.calls for call in stage]
    return dict.fromkeys([*wanted, *(consumer.at for consumer in program.consumers)])


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")
