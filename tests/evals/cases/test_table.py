"""CSV files by column: quoted or not, the same values; where one is wrong, the line is told."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.evals.cases.table import Table

field = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r\n\ufeff"), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=st.lists(st.tuples(field, field, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=8))
def test_what_was_written_is_read(rows: list[tuple[str, str, float]], tmp_path: Path) -> None:
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL):
        out = io.StringIO()
        csv.writer(out, quoting=quoting, lineterminator="\n").writerows([("a", "b", "n"), *rows])
        (tmp_path / "t.csv").write_bytes(out.getvalue().encode())
        table = Table(tmp_path / "t.csv", ("a", "n"))
        assert list(table.texts("a")) == [row[0] for row in rows]
        assert list(table.texts("b")) == [row[1] for row in rows]
        assert np.allclose(table.numbers("n"), [row[2] for row in rows])
        assert len(table) == len(rows)


def written(folder: Path, text: str) -> Path:
    path = folder / "t.csv"
    path.write_bytes(text.encode())
    return path


def test_empty_fields_are_gaps(tmp_path: Path) -> None:
    found = Table(written(tmp_path, "time,v\n1,\n2,NaN\n3,4.5\n")).numbers("v")
    assert np.isnan(found[:2]).all()
    assert found[2] == 4.5


def test_windows_line_ends_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    table = Table(written(tmp_path, "\ufefftime,v\r\n1,2\r\n\r\n3,4\r\n"), ("time",))
    assert table.numbers("v").tolist() == [2, 4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,v\n1,2\n3\n", "line 3: 1 fields instead of 2"),
        ('time,v\n1,"2"\n3,4,5\n', "line 3: 3 fields instead of 2"),
        ("moment,v\n1,2\n", "line 1: no column 'time'"),
        ("", "line 1: no column 'time'"),
        ("time,v\n1,2\nx,3\n", "line 3: time is no number: 'x'"),
        ("time,v\n1,2\n,3\n", "line 3: time is no moment"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"t\.csv") as caught:
        Table(written(tmp_path, text), ("time",)).times("time")
    assert said in str(caught.value)
