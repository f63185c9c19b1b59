"""Puts new names in place of the old ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from aiops.lab.apps.model import Application, Operation, Program, Tls, Workload
from aiops.lab.apps.program import Route
from aiops.lab.apps.renaming.names import Map, NewNames, draw_names

_QUOTED = re.compile(r'"([\w.:/-]+)"')


def renamed(application: Application, seed: int) -> Application:
    """The same application with other names for itself, its namespaces, workloads, Services, programs and images,
    variables with addresses and passwords, Secrets, ConfigMaps, priority classes, topics, operations and hosts."""
    names = draw_names(application, Random(f"names:{application.name}:{seed}"))
    host = f"{names.application}.example.com"
    return application.model_copy(
        update={
            "name": names.application,
            "namespace": names.namespaces[application.namespace],
            "host": host,
            "entry": names.workloads[application.entry],
            "operations": tuple(_operation(o, names, application.host, host) for o in application.operations),
            "tenants": tuple(
                tenant.model_copy(update={"operations": _keys(tenant.operations, names.operations)})
                for tenant in application.tenants
            ),
            "programs": {
                names.programs.get(name, name): _program(name, program, names)
                for name, program in application.programs.items()
            },
            "workloads": {
                names.workloads.get(name, name): _workload(name, workload, names)
                for name, workload in application.workloads.items()
            },
            "secrets": _keys(application.secrets, names.secrets),
            "configs": _keys(application.configs, names.configs),
            "tls": _tls(application.tls, names, application.host, host),
            "priorities": _keys(application.priorities, names.priorities),
            "alerts": _rules(application, names),
        }
    )


def _operation(operation: Operation, names: NewNames, old: str, new: str) -> Operation:
    return operation.model_copy(
        update={
            "name": names.operations[operation.name],
            "host": _host(operation.host, old, new),
            "entry": names.workloads.get(operation.entry, operation.entry),
        }
    )


def _program(name: str, program: Program, names: NewNames) -> Program:
    variables = names.variables.get(name, {})
    routes = {_topical(route, names): _route(entry, variables, names) for route, entry in program.routes.items()}
    update: dict[str, Any] = {
        "routes": routes,
        "topics": _keys(program.topics, names.topics),
        "pools": _keys(program.pools, variables),
        "caches": {
            cache: entry.model_copy(update={"at": variables.get(entry.at, entry.at)})
            for cache, entry in program.caches.items()
        },
        "consumers": tuple(
            consumer.model_copy(
                update={
                    "at": variables.get(consumer.at, consumer.at),
                    "topic": names.topics[consumer.topic],
                    "route": _topical(consumer.route, names),
                }
            )
            for consumer in program.consumers
        ),
        "reads": tuple(
            read.model_copy(update={"name": names.configs.get(read.name, read.name)}) for read in program.reads
        ),
    }
    if name in names.programs:
        registry = program.image.partition("/")[0]
        update["image"] = f"{registry}/{names.application}/{names.programs[name]}"
    return program.model_copy(update=update)


def _route(route: Route, variables: Map, names: NewNames) -> Route:
    stages = tuple(
        tuple(
            call.model_copy(
                update={
                    "to": variables.get(call.to, call.to),
                    "topic": names.topics.get(call.topic, call.topic),
                }
            )
            for call in stage
        )
        for stage in route.calls
    )
    return route.model_copy(update={"calls": stages})


def _topical(route: str, names: NewNames) -> str:
    """A consumer's route is called after its topic."""
    method, _, topic = route.partition(" ")
    return f"{method} {names.topics[topic]}" if topic in names.topics else route


def _workload(name: str, workload: Workload, names: NewNames) -> Workload:
    if name not in names.workloads:
        return workload
    variables = names.variables.get(workload.program, {})
    return workload.model_copy(
        update={
            "program": names.programs.get(workload.program, workload.program),
            "namespace": names.namespaces.get(workload.namespace, workload.namespace),
            "service": names.services[workload.service] if workload.service else "",
            "service_account": names.workloads.get(workload.service_account, ""),
            "env": {variables.get(k, k): _address(value, names) for k, value in workload.env.items()},
            "config": {variables.get(k, k): _address(value, names) for k, value in workload.config.items()},
            "secrets": {
                variables.get(k, k): key.model_copy(update={"secret": names.secrets[key.secret]})
                for k, key in workload.secrets.items()
            },
            "priority": names.priorities.get(workload.priority, workload.priority),
        }
    )


def _address(value: str, names: NewNames) -> str:
    """`service:port` or `service.namespace...:port` under its new name; other values stay."""
    host, colon, port = value.partition(":")
    service, dot, rest = host.partition(".")
    if not colon or service not in names.services:
        return value
    place, end, domain = rest.partition(".")
    return f"{names.services[service]}{dot}{names.namespaces.get(place, place)}{end}{domain}:{port}"


def _tls(tls: Tls, names: NewNames, old: str, new: str) -> Tls:
    secrets = {
        names.certificates[name]: secret.model_copy(update={"hosts": tuple(_host(h, old, new) for h in secret.hosts)})
        for name, secret in tls.secrets.items()
    }
    return tls.model_copy(update={"secret": names.certificates[tls.secret], "secrets": secrets})


def _host(host: str, old: str, new: str) -> str:
    """A host of the application under its new name; those of others stay."""
    return new if host == old else f"{host.removesuffix(old)}{new}" if host.endswith(f".{old}") else host


def _rules(application: Application, names: NewNames) -> dict[str, Any]:
    """The alert rules, with every name in quotation marks as it is now."""
    groups = []
    for group in application.alerts["groups"]:
        first, dot, rest = group["name"].partition(".")
        title = f"{names.application}{dot}{rest}" if dot and first == application.name else group["name"]
        rules = [{**rule, "expr": _spoken(rule["expr"], names.words)} for rule in group["rules"]]
        labels = [_keys_in_labels(rule, names) for rule in rules]
        groups.append({**group, "name": title, "rules": labels})
    return {**application.alerts, "groups": groups}


def _keys_in_labels(rule: dict[str, Any], names: NewNames) -> dict[str, Any]:
    labels = rule.get("labels") or {}
    if "operation" not in labels:
        return rule
    return {**rule, "labels": {**labels, "operation": names.operations[labels["operation"]]}}


def _spoken(text: str, words: Map) -> str:
    return _QUOTED.sub(lambda found: f'"{words.get(found[1], found[1])}"', text)


def _keys(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in values.items()}
