"""What the labels of a namespace ask of its pods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiops.lab.kube.admission.podsecurity.standards import NEWEST
from aiops.lab.kube.errors import Cause

LEVELS = ("privileged", "baseline", "restricted")
_PREFIX = "pod-security.kubernetes.io/"
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)")
_LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the standards in a version (`latest` or `v1.x`)."""

    name: str = "privileged"
    version: str = _LATEST

    @property
    def minor(self) -> int:
        return NEWEST if self.version == _LATEST else int(self.version.removeprefix("v1."))

    @property
    def strictness(self) -> int:
        return LEVELS.index(self.name)

    def __str__(self) -> str:
        return f"{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class Policy:
    """What is refused, and what is warned of. Audit levels are checked as labels and used for nothing here."""

    enforce: Level = Level()
    warn: Level = Level()

    @property
    def free(self) -> bool:
        return self.enforce.name == self.warn.name == "privileged"


def policy_of(labels: Mapping[str, str]) -> tuple[Policy, list[Cause]]:
    """The policy, and every wrong label. A wrong level counts as the strictest for `enforce`, else as the loosest."""
    wrong: list[Cause] = []
    enforce, enforced = _level(labels, "enforce", "restricted", wrong)
    _level(labels, "audit", "privileged", wrong)
    warn, _ = _level(labels, "warn", "privileged", wrong)
    if enforced and f"{_PREFIX}warn" not in labels and enforce.strictness > warn.strictness:
        # Users of an enforced level are warned, too, of workloads whose pods will be refused.
        version = warn.version if f"{_PREFIX}warn-version" in labels else enforce.version
        warn = Level(enforce.name, version)
    return Policy(enforce, warn), wrong


def _level(labels: Mapping[str, str], mode: str, otherwise: str, wrong: list[Cause]) -> tuple[Level, bool]:
    """The level of a mode, and whether a valid label set it."""
    name, version = labels.get(f"{_PREFIX}{mode}"), labels.get(f"{_PREFIX}{mode}-version")
    valid = name in LEVELS
    if name is not None and not valid:
        wrong.append(_cause(mode, name, f"must be one of {', '.join(LEVELS)}"))
    if version is not None and version != _LATEST and not _VERSION.fullmatch(version):
        wrong.append(_cause(f"{mode}-version", version, 'must be "latest" or "v1.x"'))
        version = None
    shown = "privileged" if name is None else (name if valid else otherwise)
    return Level(shown, version or _LATEST), valid


def _cause(label: str, value: str, why: str) -> Cause:
    return Cause("FieldValueInvalid", f'Invalid value: "{value}": {why}', f"metadata.labels[{_PREFIX}{label}]")
