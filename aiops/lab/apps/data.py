"""The data files of this package and of others, as plain values."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from aiops.core.errors import InvalidInputError
from aiops.core.text import cut

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads the same ten times faster, where it is there."""

_LONGEST = 300
_PARTS = ("platform", "runtimes", "images", "words")


def application_names() -> list[str]:
    """The applications that have a file of their own, by name."""
    names = [f.name.removesuffix(".yaml") for f in files("aiops.lab.apps").iterdir() if f.name.endswith(".yaml")]
    return sorted(set(names) - set(_PARTS))


def read_data(name: str) -> dict[str, Any]:
    """A data file of this package, as plain values."""
    text = files("aiops.lab.apps").joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = _parsed(text)
    return loaded


def read_file(path: Path) -> Any:
    """A YAML file of somebody else's. Raises `InvalidInputError` where it cannot be read."""
    try:
        return _parsed(path.read_text("utf-8"))
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise InvalidInputError(f"{path}: {line}{error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{path}: cannot be read: {cut(str(error), _LONGEST)}") from error


def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader either way
