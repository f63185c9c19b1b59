"""Times that objects carry."""

from __future__ import annotations

import pytest

from aiops.core.errors import InvalidInputError
from aiops.core.moments import created_at, moment


def test_a_time_is_in_unix_seconds() -> None:
    assert moment("1970-01-01T00:01:00Z") == 60.0
    assert created_at({"metadata": {"creationTimestamp": "1970-01-01T00:00:01.500000Z"}}) == 1.5


@pytest.mark.parametrize("text", [None, "", 3, {}])
def test_without_a_time_there_is_none(text: object) -> None:
    assert moment(text) is None
    assert created_at({"metadata": {"creationTimestamp": text}}) is None
    assert created_at({"metadata": {}}) is None


def test_a_text_that_is_no_time_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        moment("yesterday")
