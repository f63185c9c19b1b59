"""Reads an application from its YAML file, joined with the platform that every application stands on."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.lab.apps.model import Application, Call, Program
from aiops.lab.kube.kinds.resources import RESOURCES

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads the same ten times faster, where it is there."""

_PARTS = ("platform", "languages", "images")


def application_names() -> list[str]:
    """The applications that can be loaded, by name."""
    names = [f.name.removesuffix(".yaml") for f in files("aiops.lab.apps").iterdir() if f.name.endswith(".yaml")]
    return sorted(set(names) - set(_PARTS))


def load_application(name: str) -> Application:
    """The application of this name. Raises `UnknownNameError`; `InvalidInputError` where its file is wrong."""
    if name not in application_names():
        raise UnknownNameError("application", name, application_names())
    platform, own = read_data("platform"), read_data(name)
    return build_application(
        {
            **own,
            "nodes": own.get("nodes", platform["nodes"]),
            "programs": {**platform["programs"], **own["programs"]},
            "workloads": {**platform["workloads"], **own["workloads"]},
            "alerts": {"groups": own["alerts"]["groups"] + platform["alerts"]["groups"]},
        },
        f"{name}.yaml",
    )


def read_data(name: str) -> dict[str, Any]:
    """A data file of this package, as plain values."""
    text = files("aiops.lab.apps").joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader either way
    return loaded


def build_application(data: dict[str, Any], source: str) -> Application:
    """An application from plain values. Raises `InvalidInputError` naming the place in `source`."""
    try:
        application = Application.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInputError(f"{source}: {place}: {first['msg']}") from error
    for place, problem in _problems(application):
        raise InvalidInputError(f"{source}: {place}: {problem}")
    return application


def calls_of(program: Program) -> list[Call]:
    """Every call that a program can make, in the order of its routes."""
    return [call for route in program.routes.values() for stage in route.calls for call in stage]


def _problems(application: Application) -> list[tuple[str, str]]:
    """(place, what is wrong) where names do not fit together."""
    found = []
    for name, workload in application.workloads.items():
        program = application.programs.get(workload.program)
        place = f"workloads.{name}"
        if program is None:
            found.append((f"{place}.program", f"no program named {workload.program!r}"))
            continue
        if workload.version not in program.versions:
            found.append((f"{place}.version", f"{workload.program} has no version {workload.version!r}"))
        missing = sorted({call.to for call in calls_of(program)} - workload.addresses.keys())
        if missing:
            found.append((f"{place}.env", f"no value for {', '.join(missing)}"))
        unknown = sorted({key.secret for key in workload.secrets.values()} - application.secrets.keys())
        if unknown:
            found.append((f"{place}.secrets", f"no secret named {', '.join(unknown)}"))
    known = {(resource.group, resource.plural) for resource in RESOURCES}
    for name, program in application.programs.items():
        found += [
            (f"programs.{name}.reads", f"no resource {read.resource!r} in API group {read.group!r}")
            for read in program.reads
            if (read.group, read.resource) not in known
        ]
    found += [
        (f"tls.secrets.{name}", "ends before it begins")
        for name, secret in application.tls.secrets.items()
        if secret.to_day <= secret.from_day
    ]
    if application.tls.secret not in application.tls.secrets:
        found.append(("tls.secret", f"no certificate named {application.tls.secret!r}"))
    if application.entry not in application.workloads:
        found.append(("entry", f"no workload named {application.entry!r}"))
    if abs(sum(o.share for o in application.operations) - 1) > 1e-6:
        found.append(("operations", "the shares do not sum to 1"))
    return found
