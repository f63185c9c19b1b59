"""Whether the names in an application fit together: what the types of the model cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import isclose

from aiops.lab.apps.model import Application, Call, Program
from aiops.lab.kube.kinds.resources import RESOURCES

Problem = tuple[str, str]
"""(place, what is wrong)."""

_PATH = re.compile(r"/[\w/-]*")


def calls_of(program: Program) -> list[Call]:
    """Every call that a program can make, in the order of its routes."""
    return [call for route in program.routes.values() for stage in route.calls for call in stage]


def problems(application: Application) -> Iterator[Problem]:
    """Everything that does not fit, in the order of the model."""
    yield from _of_workloads(application)
    yield from _of_programs(application)
    yield from _of_users(application)
    yield from _of_tls(application)
    names = [node.name for node in application.nodes]
    if len(set(names)) < len(names):
        yield "nodes", "two nodes have one name"


def _of_workloads(application: Application) -> Iterator[Problem]:
    for name, workload in application.workloads.items():
        program = application.programs.get(workload.program)
        place = f"workloads.{name}"
        if program is None:
            yield f"{place}.program", f"no program named {workload.program!r}"
            continue
        if workload.version not in program.versions:
            yield f"{place}.version", f"{workload.program} has no version {workload.version!r}"
        wanted = {call.to for call in calls_of(program)} | {consumer.at for consumer in program.consumers}
        missing = sorted(wanted - workload.addresses.keys())
        if missing:
            yield f"{place}.env", f"no value for {', '.join(missing)}"
        unknown = sorted({key.secret for key in workload.secrets.values()} - application.secrets.keys())
        if unknown:
            yield f"{place}.secrets", f"no secret named {', '.join(unknown)}"
        if workload.priority and workload.priority not in application.priorities:
            yield f"{place}.priority", f"no priority class named {workload.priority!r}"
        if bool(workload.schedule) != (workload.kind == "CronJob"):
            yield f"{place}.schedule", "a CronJob has one, and nothing else has"


def _of_programs(application: Application) -> Iterator[Problem]:
    known = {(resource.group, resource.plural) for resource in RESOURCES}
    topics = {topic for program in application.programs.values() for topic in program.topics}
    for name, program in application.programs.items():
        place = f"programs.{name}"
        for read in program.reads:
            if (read.group, read.resource) not in known:
                yield f"{place}.reads", f"no resource {read.resource!r} in API group {read.group!r}"
        yield from _of_calls(place, program, topics)
        for consumer in program.consumers:
            if consumer.topic not in topics:
                yield f"{place}.consumers", f"no topic named {consumer.topic!r}"
            if consumer.route not in program.routes:
                yield f"{place}.consumers", f"no route {consumer.route!r}"


def _of_calls(place: str, program: Program, topics: set[str]) -> Iterator[Problem]:
    for name, route in program.routes.items():
        for call in (call for stage in route.calls for call in stage):
            if call.cache and call.cache not in program.caches:
                yield f"{place}.routes.{name}", f"no cache named {call.cache!r}"
            if call.topic and call.topic not in topics:
                yield f"{place}.routes.{name}", f"no topic named {call.topic!r}"
    called = {call.to for call in calls_of(program)}
    for variable in sorted(program.pools.keys() - called):
        yield f"{place}.pools.{variable}", "no call goes there"
    for name, cache in program.caches.items():
        if cache.at and cache.at not in called:
            yield f"{place}.caches.{name}.at", f"no call goes to {cache.at}"


def _of_users(application: Application) -> Iterator[Problem]:
    if application.entry not in application.workloads:
        yield "entry", f"no workload named {application.entry!r}"
    names = {operation.name for operation in application.operations}
    for number, operation in enumerate(application.operations):
        place, entry = f"operations.{number}", application.workloads.get(application.entry_of(operation))
        if not _PATH.fullmatch(operation.path):
            yield f"{place}.path", f"{operation.path!r} is no path of letters, digits, - and /"
        if operation.entry and entry is None:
            yield f"{place}.entry", f"no workload named {operation.entry!r}"
        program = application.programs.get(entry.program) if entry else None
        if program is not None and operation.route not in program.routes:
            yield place, f"{application.entry_of(operation)} has no route {operation.route!r}"
    if not _whole(operation.share for operation in application.operations):
        yield "operations", "the shares do not sum to 1"
    if application.tenants and not _whole(tenant.share for tenant in application.tenants):
        yield "tenants", "the shares do not sum to 1"
    for tenant in application.tenants:
        if tenant.operations.keys() - names:
            yield f"tenants.{tenant.name}", f"no operation named {min(tenant.operations.keys() - names)!r}"
        if tenant.operations and not _whole(tenant.operations.values()):
            yield f"tenants.{tenant.name}", "the shares do not sum to 1"


def _of_tls(application: Application) -> Iterator[Problem]:
    for name, secret in application.tls.secrets.items():
        if secret.to_day <= secret.from_day:
            yield f"tls.secrets.{name}", "ends before it begins"
    if application.tls.secret not in application.tls.secrets:
        yield "tls.secret", f"no certificate named {application.tls.secret!r}"


def _whole(shares: Iterable[float]) -> bool:
    return isclose(sum(shares), 1, abs_tol=1e-6)
