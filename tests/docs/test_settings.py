"""`docs/settings.md` lists every setting as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aiops.core.settings import Settings

PAGE_TEXT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
ROWS = {
    name: (default, meaning)
    for name, default, meaning in re.findall(r"^\| `(\w+)` \| (.*?) ?\| (.+) \|$", PAGE_TEXT, re.M)
}


def shown(default: Any) -> str:
    if default in (None, ()):
        return ""
    if isinstance(default, tuple):
        return f"`{json.dumps(list(default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_on_the_page() -> None:
    assert list(ROWS) == list(Settings.model_fields)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_default_and_meaning_are_those_of_the_code(name: str) -> None:
    field = Settings.model_fields[name]
    assert ROWS[name] == (shown(field.default), field.description)
