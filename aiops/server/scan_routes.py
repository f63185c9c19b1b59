"""What is unhealthy now: the scan over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from aiops.agents.scan.report import ScanReport
from aiops.agents.scan.scanning import scan
from aiops.server.requests import Namespace, TheEngine

router = APIRouter()


@router.get("/api/scan")
async def get_scan(engine: TheEngine, namespace: Namespace = "") -> ScanReport:
    """What is unhealthy and why, read from the cluster now; nothing is stored. 404: no such namespace."""
    return await scan(engine.context, namespace)
