"""Prometheus' rule files: groups of alerting and recording rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, field_validator

from aiops.core.errors import InvalidInputError
from aiops.lab.prometheus.template import check_template
from aiops.lab.promql import parse, parse_duration


@contextmanager
def _as_value_error() -> Iterator[None]:
    """Pydantic adds the place to a ValueError only."""
    try:
        yield
    except InvalidInputError as error:
        raise ValueError(str(error)) from error


class _Rule(BaseModel):
    """What both kinds have: `expr`, and `labels` that its results get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expr: str
    labels: dict[str, str] = Field(default_factory=dict)

    @field_validator("expr")
    @classmethod
    def _expression(cls, value: str) -> str:
        with _as_value_error():
            parse(value)
        return value


class RecordingRule(_Rule):
    """Keeps the results of `expr` as the series `record`."""

    record: str = Field(pattern="^[a-zA-Z_:][a-zA-Z0-9_:]*$")


class AlertRule(_Rule):
    """One alert. `hold` (in the file: `for`) is how many seconds `expr` must give a result before the alert fires,
    `keep_firing_for` how many it goes on firing without one."""

    alert: str = Field(min_length=1)
    hold: float = Field(0.0, alias="for", ge=0)
    keep_firing_for: float = Field(0.0, ge=0)
    annotations: dict[str, str] = Field(default_factory=dict)

    @field_validator("hold", "keep_firing_for", mode="before")
    @classmethod
    def _duration(cls, value: Any) -> float:
        with _as_value_error():
            return parse_duration(str(value))

    @field_validator("labels", "annotations")
    @classmethod
    def _templates(cls, value: dict[str, str]) -> dict[str, str]:
        with _as_value_error():
            for text in value.values():
                check_template(text)
        return value


Rule = AlertRule | RecordingRule

_KINDS = ("alerting", "recording")
"""As the HTTP API calls them."""


def _kind(rule: Any) -> str:
    return _KINDS[
        isinstance(rule, RecordingRule) or (isinstance(rule, dict) and "alert" not in rule and "record" in rule)
    ]


class RuleGroup(BaseModel):
    """Rules that are evaluated one after the other, every `interval` seconds (None: as often as all), each giving at
    most `limit` alerts or series (0: any number)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    interval: float | None = Field(None, gt=0)
    limit: int = Field(0, ge=0)
    rules: tuple[
        Annotated[
            Annotated[AlertRule, Tag(_KINDS[0])] | Annotated[RecordingRule, Tag(_KINDS[1])], Discriminator(_kind)
        ],
        ...,
    ]

    @field_validator("interval", mode="before")
    @classmethod
    def _duration(cls, value: Any) -> float | None:
        with _as_value_error():
            return None if value is None else parse_duration(str(value))


def load_rules(document: Any, place: str = "rules") -> tuple[RuleGroup, ...]:
    """Read the parsed YAML of a rule file. Raises `InvalidInputError` naming the `place` and the field."""
    groups = document.get("groups") if isinstance(document, dict) else None
    if not isinstance(groups, list):
        raise InvalidInputError(f"{place}: no list of groups")
    read = []
    for index, group in enumerate(groups):
        try:
            read.append(RuleGroup.model_validate(group))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in ("groups", index, *first["loc"]) if step not in _KINDS)
            raise InvalidInputError(f"{place}: {where}: {first['msg']}") from error
    names = [group.name for group in read]
    if len(set(names)) < len(names):
        raise InvalidInputError(f"{place}: two groups have one name")
    return tuple(read)
