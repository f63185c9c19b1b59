"""Secrets and ConfigMaps: in each namespace in which a workload needs them."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.parts import bare, config_key
from aiops.lab.apps.model import Application, Workload


def secrets(application: Application) -> list[Manifest]:
    """The Secrets of type Opaque; one that nobody refers to lies in the application's namespace."""
    used = {
        name: [place for place, workload in _placed(application) if name in _secret_names(workload)]
        for name in application.secrets
    }
    return [
        _secret(place, name, values)
        for name, values in application.secrets.items()
        for place in dict.fromkeys(used[name] or [application.namespace])
    ]


def config_maps(application: Application) -> list[Manifest]:
    """The ConfigMaps that programs read through the API, or that just lie there."""
    readers = {
        name: [place for place, workload in _placed(application) if name in _read_names(application, workload)]
        for name in application.configs
    }
    return [
        {**bare("v1", "ConfigMap", place, name), "data": dict(data)}
        for name, data in application.configs.items()
        for place in dict.fromkeys(readers[name] or [application.namespace])
    ]


def settings_of(name: str, place: str, workload: Workload) -> list[Manifest]:
    """The ConfigMap behind a workload's variables, where it has one."""
    if not workload.config:
        return []
    data = {config_key(variable): value for variable, value in workload.config.items()}
    return [{**bare("v1", "ConfigMap", place, f"{name}-config"), "data": data}]


def _placed(application: Application) -> Iterable[tuple[str, Workload]]:
    return ((application.namespace_of(name), workload) for name, workload in application.workloads.items())


def _secret_names(workload: Workload) -> set[str]:
    return {key.secret for key in workload.secrets.values()}


def _read_names(application: Application, workload: Workload) -> set[str]:
    return {read.name for read in application.programs[workload.program].reads if read.resource == "configmaps"}


def _secret(place: str, name: str, values: dict[str, str]) -> Manifest:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {**bare("v1", "Secret", place, name), "type": "Opaque", "data": data}
