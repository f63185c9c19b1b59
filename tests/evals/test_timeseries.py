from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.evals.timeseries import read_table


def _file(folder: Path, text: str) -> Path:
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def test_times_are_numbers_or_text_and_values_may_be_missing(tmp_path: Path) -> None:
    table = read_table(_file(tmp_path, "\ufefftime,cpu,mem\n10,1.5,2\n\n20.5,,NaN\n2014-02-14 14:30:00,3,1e3\n"))
    assert table.written == (10.0, 20.5, "2014-02-14 14:30:00")
    assert table.times.tolist() == [10.0, 20.5, 1392388200.0]
    assert table.columns == ("cpu", "mem")
    assert np.array_equal(table.values, np.array([[1.5, 2.0], [np.nan, np.nan], [3.0, 1000.0]]), equal_nan=True)


def test_the_column_of_times_may_stand_anywhere_and_the_header_may_be_missing(tmp_path: Path) -> None:
    table = read_table(_file(tmp_path, "cpu,Timestamp\n7,10\n8,20\n"))
    assert (table.columns, table.times.tolist(), table.values.tolist()) == (("cpu",), [10.0, 20.0], [[7.0], [8.0]])
    table = read_table(_file(tmp_path, "2014-02-14T14:30:00Z,7,8\n2014-02-14T14:35:00Z,9,10\n"))
    assert table.columns == ("column 2", "column 3")
    assert table.values.tolist() == [[7.0, 8.0], [9.0, 10.0]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: expected a column"),
        ("time\n1\n", "line 1: expected a column"),
        ("time,v\n", "has a header and no rows"),
        ("time,v\n1,2\nsoon,2\n", "line 3: not an RFC 3339 time: 'soon'"),
        ("time,v\n1,2\n2,high\n", "line 3: v is 'high', which is no number"),
        ("time,v\n1,2\n2\n", "line 3: 1 columns, the first line has 2"),
        ("time,v\ninf,2\n", "line 2: 'inf' is no time"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_table(_file(tmp_path, text))
    assert reason in str(caught.value)
    assert "x.csv" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.csv cannot be read"):
        read_table(tmp_path / "none.csv")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(b"time,v\n" + content)
    try:
        table = read_table(path)
    except InvalidInputError:
        return
    assert table.values.shape == (len(table.times), len(table.columns))
