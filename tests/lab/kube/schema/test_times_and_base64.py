"""Times and base64, with the words of Go for what is none."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.schema.base64text import WrongBase64Error, decoded_base64
from aiops.lab.kube.schema.decode import decode
from aiops.lab.kube.schema.moments import WrongTimeError, canonical_time


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.9Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
    ],
)
def test_times_are_in_utc(text: str, written: str) -> None:
    assert canonical_time(text, micro=False) == written


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x", 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'),
        ("2026-01-02", 'parsing time "2026-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        ("2026-13-02T03:04:05Z", 'parsing time "2026-13-02T03:04:05Z": month out of range'),
        ("2026-02-30T03:04:05Z", 'parsing time "2026-02-30T03:04:05Z": day out of range'),
        ("2026-01-02T03:04:05Zx", 'parsing time "2026-01-02T03:04:05Zx": extra text: "x"'),
    ],
)
def test_what_is_no_time(text: str, why: str) -> None:
    with pytest.raises(WrongTimeError) as refused:
        canonical_time(text, micro=False)
    assert str(refused.value) == why


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))
def test_microseconds_stay(moment: datetime) -> None:
    text = moment.isoformat(timespec="microseconds") + "Z"
    assert canonical_time(text, micro=True) == text


@given(st.binary(max_size=40))
def test_base64_there_and_back(content: bytes) -> None:
    assert decoded_base64(b64encode(content).decode()) == content


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("!!", 0),
        ("YQ", 0),
        ("YQ=", 3),
        ("YWJjZ", 4),
        ("YWJj=", 4),
        ("Y=Q=", 1),
        ("YQ=x", 2),
        ("YQ==x", 4),
        ("hello", 4),
    ],
)
def test_the_byte_that_is_wrong(text: str, place: int) -> None:
    with pytest.raises(WrongBase64Error, match=f"^illegal base64 data at input byte {place}$"):
        decoded_base64(text)


@given(st.text(max_size=12))
def test_any_text_is_decoded_or_refused(text: str) -> None:
    try:
        decoded_base64(text)
    except WrongBase64Error as error:
        assert "illegal base64" in str(error)  # noqa: PT017 - decoding it is right too


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00.4Z"])
def test_the_zero_time_is_no_time(text: str) -> None:
    job = {
        "metadata": {"name": "a", "deletionTimestamp": text},
        "status": {"startTime": text, "conditions": [{"lastTransitionTime": text}]},
    }
    decoded = decode(job, "batch/v1", "Job").manifest
    assert "deletionTimestamp" not in decoded["metadata"]
    status = decoded["status"]
    assert "startTime" not in status
    assert not status["conditions"][0].get("lastTransitionTime")
