"""Finds an application by its name: one of ours, one of a file, or one that is drawn."""

from __future__ import annotations

import re
from pathlib import Path

from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.lab.apps.building import complete_application
from aiops.lab.apps.data import application_names, read_data, read_file
from aiops.lab.apps.generated import FEWEST, MOST, random_application
from aiops.lab.apps.model import Application
from aiops.lab.apps.renaming import renamed

RANDOM = "random"
_FILE = (".yaml", ".yml")
_SHAPE = re.compile(rf"{RANDOM}:([0-9]{{1,6}})(?::([0-9]{{1,12}}))?")


def load_application(name: str, rename_seed: int | None = None, *, seed: int = 0) -> Application:
    """The application of a name, of a file (`shop.yaml`), or a drawn one: `random:60` has sixty services, from `seed`,
    `random:60:7` from seed 7.

    With a `rename_seed` it has other names for namespaces, workloads, services, variables and hosts. Raises
    `UnknownNameError`; `InvalidInputError` where a file is wrong or the number of services is too small or large."""
    application = _drawn(name, seed) if name.partition(":")[0] == RANDOM else _written(name)
    return application if rename_seed is None else renamed(application, rename_seed)


def _written(name: str) -> Application:
    if name.endswith(_FILE):
        return complete_application(read_file(Path(name)), name)
    if name not in application_names():
        raise UnknownNameError("application", name, [*application_names(), f"{RANDOM}:60"])
    return complete_application(read_data(name), f"{name}.yaml")


def _drawn(name: str, seed: int) -> Application:
    found = _SHAPE.fullmatch(name)
    if found is None or not FEWEST <= int(found[1]) <= MOST:
        raise InvalidInputError(
            f"{name}: write {RANDOM}:SERVICES or {RANDOM}:SERVICES:SEED, {FEWEST} to {MOST} services"
        )
    return random_application(int(found[1]), int(found[2] or seed))
