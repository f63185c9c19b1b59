"""The data files of this package, as plain values."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads the same ten times faster, where it is there."""

_PARTS = ("platform", "runtimes", "images", "words")


def application_names() -> list[str]:
    """The applications that have a file of their own, by name."""
    names = [f.name.removesuffix(".yaml") for f in files("aiops.lab.apps").iterdir() if f.name.endswith(".yaml")]
    return sorted(set(names) - set(_PARTS))


def read_data(name: str) -> dict[str, Any]:
    """A data file of this package, as plain values."""
    text = files("aiops.lab.apps").joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader either way
    return loaded
