"""Where the lab of these settings keeps its files."""

from __future__ import annotations

from pathlib import Path


def lab_folder(chosen: Path | None) -> Path:
    """The folder that an option named, else `lab` in the state folder."""
    if chosen is not None:
        return chosen
    from aiops.core.settings import load_settings

    return load_settings().state_dir / "lab"
