"""What kind of setting was changed, as its name and its values tell: an address, a file, a switch."""

from __future__ import annotations

import re
from typing import Any

from aiops.core.changes import FieldChange
from aiops.core.mechanism import Mechanism

SWITCHES = frozenset(
    {"true", "false", "on", "off", "yes", "no", "enabled", "disabled", "enable", "disable", "y", "n", "0", "1"}
)
"""Words by which something is turned on or off."""

_SWITCH_NAME = re.compile(
    r"(?i)(?:^|[^a-z])(feature|flag|toggle|experiment|experimental|enable[ds]?|disable[ds]?|use|rollout|variant|beta)"
    r"(?![a-z])"
)
_FILE_NAME = re.compile(
    r"(?i)\.(ya?ml|json|toml|ini|cfg|conf|config|properties|xml|env|lua|sql|rules|tmpl|html|txt)\]?$"
)
_PERCENT = re.compile(r"^\d{1,3}%$")
_WORD = re.compile(r"^[A-Za-z][A-Za-z_-]*(?:[-_]?v?\d+)?$")
_PLACE_NAME = re.compile(r"(?i)(host|addr|url|uri|endpoint|server|service|name|user|database|db|bucket|topic)")
"""Settings under such names are places or names of others, also where they hold a plain word."""

_NAME = re.compile(r"(?:env\[(?P<variable>[^\]]+)\]|data(?:\.(?P<plain>.+)|\[(?P<dotted>[^\]]+)\]))")


def setting_mechanism(field: FieldChange) -> Mechanism:
    """The mechanism that a changed variable or key would be, were it at fault.

    A text of several lines, or under the name of a file, is a file. What is turned on or off, or chosen by a word, is
    an option; a new setting turns something on. All else (addresses, numbers, durations) is a value."""
    old, new = _text(field.old), _text(field.new)
    name = _name(field.path)
    if _FILE_NAME.search(name) or "\n" in (old or "").strip() or "\n" in (new or "").strip():
        return Mechanism.CONFIG_FILE
    if new is None:
        return Mechanism.CONFIG_ENV_VALUE
    if _is_switch(name, old, new):
        return Mechanism.APP_FEATURE_FLAG
    return Mechanism.CONFIG_ENV_VALUE


def _is_switch(name: str, old: str | None, new: str) -> bool:
    values = [value for value in (old, new) if value is not None]
    if all(value.lower() in SWITCHES or _PERCENT.match(value) for value in values):
        return True
    chosen = old is not None and all(_WORD.match(value) for value in values)
    return bool(_SWITCH_NAME.search(name)) or (chosen and not _PLACE_NAME.search(name))


def is_shadowing(field: FieldChange) -> bool:
    """Does another value take the place of one that came from elsewhere? A value in the place of a source, two entries
    of one name, or a further source of variables that may hold the same names."""
    if field.path.endswith(".value"):
        return field.old is None and field.new is not None
    if field.path.endswith(".env"):
        return _doubles(field.new) and not _doubles(field.old)
    more = isinstance(field.new, list) and len(field.new) >= len(field.old or ())
    return field.path.endswith(".envFrom") and more


def _doubles(entries: Any) -> bool:
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return len(set(names)) < len(names)


def _name(path: str) -> str:
    """The name of the variable or key that a path is about."""
    found = _NAME.search(path)
    return next((part for part in found.groups() if part), "") if found else ""


def _text(value: Any) -> str | None:
    """The value of a variable as text, also where the whole entry was added or taken."""
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else None
