"""What is unhealthy now: the scan over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from aiops.agents.scan.report import ScanReport
from aiops.agents.scan.scanning import scan
from aiops.supervisor.engine import Engine

router = APIRouter()

NAMESPACE = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"


@router.get("/api/scan")
async def get_scan(
    request: Request, namespace: Annotated[str, Query(max_length=63, pattern=NAMESPACE)] = ""
) -> ScanReport:
    """What is unhealthy and why, read from the cluster now; nothing is stored. 404: no such namespace."""
    engine: Engine = request.app.state.engine
    return await scan(engine.context, namespace)
