"""Takes secrets out of everything that a tool gives back: objects, environment values, and text."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel

from aiops.core.changes import FieldChange
from aiops.core.redaction import REDACTED, names_credential, redact_text

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""kubectl's copy of the whole object as text; left out, since it repeats what is shown already."""

_PATH_TOKEN = re.compile(r"[^.\[\]]+")

_PLAIN = frozenset({bool, float, int, type(None)})
"""Types without text: whole columns of them need no second look."""

M = TypeVar("M", bound=BaseModel)


def redact(value: Any, name: str = "") -> Any:
    """A copy of a JSON value without secrets. `name` is the field that holds it, where there is one."""
    if isinstance(value, str):
        return REDACTED if value and names_credential(name) else redact_text(value)
    if isinstance(value, dict):
        return _redact_dict(value)
    if isinstance(value, list):
        if _PLAIN.issuperset(map(type, value)):
            return list(value)
        return [redact(item, _flag(value, index)) for index, item in enumerate(value)]
    return value


def _redact_dict(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("kind") == "Secret":
        hidden = {part: dict.fromkeys(value[part], REDACTED) for part in ("data", "stringData") if value.get(part)}
        value = {**value, **hidden}
    variable = value.get("name")
    if isinstance(variable, str) and isinstance(value.get("value"), str) and names_credential(variable):
        value = {**value, "value": REDACTED}
    return {key: redact(item, str(key)) for key, item in value.items() if key != LAST_APPLIED}


def _flag(items: list[Any], index: int) -> str:
    """The name that the item before gives to this one, as in `["--password", "x"]`."""
    before = items[index - 1] if index else None
    return before if isinstance(before, str) and before.startswith("-") and "=" not in before else ""


def redact_model(model: M) -> M:
    """A copy of a result without secrets."""
    update = {name: _redact_field(getattr(model, name), _hint(model, name)) for name in type(model).model_fields}
    return model.model_copy(update=update)


def _hint(model: BaseModel, field: str) -> str:
    """A changed field holds what its path names (`spec.containers[db].env[DB_PASSWORD].value`)."""
    if isinstance(model, FieldChange) and field in ("old", "new"):
        steps = _PATH_TOKEN.findall(model.path)
        return next((step for step in reversed(steps) if step != "value"), "")
    return ""


def _redact_field(value: Any, name: str) -> Any:
    if isinstance(value, BaseModel):
        return redact_model(value)
    if isinstance(value, tuple):
        if _PLAIN.issuperset(map(type, value)):
            return value
        return tuple(_redact_field(item, name) for item in value)
    return redact(value, name)
