"""What routes have in common: the engine, and the kinds of text that requests may hold."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import StringConstraints

from aiops.core.incident import LONGEST_ACTOR
from aiops.core.namespace import LONGEST, PATTERN
from aiops.supervisor.engine import Engine

Actor = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ACTOR)]
"""Who asks, in their own words; it is recorded, and opens nothing."""

Namespace = Annotated[str, StringConstraints(max_length=LONGEST, pattern=PATTERN)]
"""A namespace; empty: all."""

Reason = Annotated[str, StringConstraints(max_length=2000)]


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


TheEngine = Annotated[Engine, Depends(_engine)]
"""The engine that the application was made with."""
