"""What a probe of one container asks, and how patiently."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aiops.core.action import Edit, Risk
from aiops.core.entity import Manifest
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.workload import CHANGE_TEMPLATE, patch_container, read_container

ProbeName = Literal["readinessProbe", "livenessProbe", "startupProbe"]
HANDLERS = ("httpGet", "tcpSocket", "grpc")
Seconds = Annotated[int | None, Field(ge=1, le=3600, description="seconds; left as it is where not given")]


@tool(effect="changes", risk=Risk.MEDIUM, needs=CHANGE_TEMPLATE)
async def set_probe(
    ctx: Context,
    workload: EntityArg,
    container: str,
    probe: ProbeName,
    port: Annotated[int | str | None, Field(description="number or name of the port to ask")] = None,
    path: Annotated[str | None, Field(pattern=r"^/", description="path of an HTTP probe")] = None,
    timeout_seconds: Seconds = None,
    period_seconds: Seconds = None,
    initial_delay_seconds: Annotated[int | None, Field(ge=0, le=3600)] = None,
    failure_threshold: Annotated[int | None, Field(ge=1, le=1000)] = None,
) -> list[Edit]:
    """Change where a probe of one container asks, or its times. Its pods are replaced step by step."""
    found = await read_container(ctx, workload, container)
    now: Manifest | None = found.get(probe)
    if now is None:
        raise RetryWithOtherArgumentsError(f"argument probe: container {container} of {workload} has no {probe}")
    times = {
        "timeoutSeconds": timeout_seconds,
        "periodSeconds": period_seconds,
        "initialDelaySeconds": initial_delay_seconds,
        "failureThreshold": failure_threshold,
    }
    fields: dict[str, Any] = {name: value for name, value in times.items() if value is not None}
    asked = {name: value for name, value in (("port", port), ("path", path)) if value is not None}
    if asked:
        fields[_handler(now, path, probe)] = asked
    if not fields:
        raise RetryWithOtherArgumentsError("arguments: nothing of the probe is to be changed")
    return patch_container(workload, container, {probe: fields})


def _handler(probe: Manifest, path: str | None, name: str) -> str:
    """Which part of the probe holds the port; only an HTTP probe has a path."""
    handler = next((h for h in HANDLERS if h in probe), None)
    if handler is None:
        raise RetryWithOtherArgumentsError(f"argument port: the {name} runs a command; it asks no port")
    if path is not None and handler != "httpGet":
        raise RetryWithOtherArgumentsError(f"argument path: the {name} is no HTTP probe")
    return handler
