"""Prometheus' rule files: groups of alert rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

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


class AlertRule(BaseModel):
    """One alert. `hold` (in the file: `for`) is how many seconds `expr` must give a result before the alert fires."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert: str = Field(min_length=1)
    expr: str
    hold: float = Field(0.0, alias="for", ge=0)
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @field_validator("hold", mode="before")
    @classmethod
    def _duration(cls, value: Any) -> float:
        with _as_value_error():
            return parse_duration(str(value))

    @field_validator("expr")
    @classmethod
    def _expression(cls, value: str) -> str:
        with _as_value_error():
            parse(value)
        return value

    @field_validator("labels", "annotations")
    @classmethod
    def _templates(cls, value: dict[str, str]) -> dict[str, str]:
        with _as_value_error():
            for text in value.values():
                check_template(text)
        return value


class RuleGroup(BaseModel):
    """Rules that are evaluated together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    rules: tuple[AlertRule, ...]


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
            where = ".".join(str(step) for step in ("groups", index, *first["loc"]))
            raise InvalidInputError(f"{place}: {where}: {first['msg']}") from error
    names = [group.name for group in read]
    if len(set(names)) < len(names):
        raise InvalidInputError(f"{place}: two groups have one name")
    return tuple(read)
