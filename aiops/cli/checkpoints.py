"""How checkpoints are read; said by `main` before any command imports LangGraph."""

from __future__ import annotations

import os


def only_known_types() -> None:
    """Checkpoints may hold only the types of our state: LangGraph reads this where it is imported."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
