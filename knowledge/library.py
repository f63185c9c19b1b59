"""All runbooks: those that come with the product, and the user's own folder. Read again when a file has changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from aiops.core.errors import AiopsError, ConfigurationError, InvalidInputError, UnknownNameError
from aiops.core.mechanism import Mechanism
from aiops.core.runbook import Passage, Runbook
from aiops.knowledge.index import Index
from aiops.knowledge.parsing import parse

log = logging.getLogger(__name__)

BUILT_IN = Path(__file__).resolve().parent / "runbooks"
INDEX_FOLDER = "runbooks"
MOST_BYTES = 1_000_000
"""A larger file is no runbook."""

Stamp = tuple[str, int, int]
"""Path, time of the last change in nanoseconds, size in bytes."""


class Library:
    """Implements `aiops.core.runbook.Runbooks`. A file of the user's folder takes the place of a built-in one of its
    name. `problems` has one line for each file that could not be read: file, line, reason."""

    def __init__(self, state_dir: Path, extra_dir: Path | None) -> None:
        self._folders = [(BUILT_IN, False), *([(extra_dir, True)] if extra_dir else [])]
        self._index_folder = state_dir / INDEX_FOLDER
        self._stamp: tuple[Stamp, ...] | None = None
        self.problems: tuple[str, ...] = ()
        self._refresh()

    @classmethod
    def open(cls, state_dir: Path, extra_dir: Path | None = None) -> Library:
        """Read all runbooks; the index is opened at the first search. Raises `ConfigurationError` for no folder."""
        if extra_dir is not None and not extra_dir.is_dir():
            raise ConfigurationError(f"runbooks_dir: {extra_dir} is no folder")
        return cls(state_dir, extra_dir)

    def runbooks(self) -> list[Runbook]:
        """All of them, by name."""
        self._refresh()
        return list(self._runbooks.values())

    def get(self, name: str) -> Runbook:
        self._refresh()
        if name not in self._runbooks:
            raise UnknownNameError("runbook", name, self._runbooks)
        return self._runbooks[name]

    def search(self, text: str, k: int = 3, mechanism: Mechanism | None = None) -> list[Passage]:
        """As `Runbooks.search`. Raises `StorageError` where the index cannot be used."""
        self._refresh()
        return self._index.search(text, k, mechanism)

    def for_mechanism(self, mechanism: Mechanism) -> list[Runbook]:
        self._refresh()
        found = [runbook for runbook in self._runbooks.values() if mechanism in runbook.mechanisms]
        return sorted(found, key=lambda runbook: (not runbook.own, runbook.name))

    def _refresh(self) -> None:
        files = [(path, own) for folder, own in self._folders for path in sorted(folder.glob("*.md"))]
        stamp = tuple(_stamps(path for path, _ in files))
        if stamp == self._stamp:
            return
        found: dict[str, Runbook] = {}
        problems = []
        for (path, own), at in zip(files, stamp, strict=True):
            try:
                found[path.stem] = _read(path, own, at)
            except AiopsError as error:
                problems.append(str(error))
        for problem in problems:
            log.warning("runbook left out: %s", problem)
        self.problems = tuple(problems)
        self._runbooks = dict(sorted(found.items()))
        self._index = Index(self._index_folder, list(self._runbooks.values()))
        self._stamp = stamp


def _stamps(paths: Iterable[Path]) -> Iterable[Stamp]:
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            yield (str(path), -1, -1)
        else:
            yield (str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=500)
def _read(path: Path, own: bool, at: Stamp) -> Runbook:
    """`at` is the file's state: another one is read anew."""
    try:
        if not path.is_file():
            raise InvalidInputError(f"{path}: is no file")  # reading a pipe would wait for ever
        if at[2] > MOST_BYTES:
            raise InvalidInputError(f"{path}: larger than {MOST_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path}: cannot be read: {error}") from error
    return parse(path.stem, text, str(path), own=own)
