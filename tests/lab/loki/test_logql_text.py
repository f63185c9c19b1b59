"""Queries are read, written and read again; what is no query is an error and never anything else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.lab.loki.logql import ast
from aiops.lab.loki.logql.parser import AGGREGATIONS, COUNTING, GROUPED, parse, parse_selector
from aiops.lab.loki.logql.text import text_of
from aiops.lab.loki.logql.units import bytes_of, duration_text, seconds_of

NAMES = st.sampled_from(["app", "pod", "level", "status_code", "_x", "duration", "json", "by", "a1"])
LABELS = st.sampled_from(["app", "pod", "level", "status_code", "_x", "a1"])
TEXTS = st.text(max_size=8).filter(lambda text: text.isprintable() or "\n" in text or "\t" in text)
WORDS = st.sampled_from(["a", "error|warn", ".+", "x y", 'q"q', "back\\\\slash"])
SECONDS = st.sampled_from([0.001, 1.0, 60.0, 90.5, 3600.0, 86400.0])
NUMBERS = st.sampled_from([0.0, 1.0, -2.0, 0.25, 1e-7, 1e20, 503.0])


def _matchers(operators: list[ast.MatchOperator]) -> st.SearchStrategy[ast.Matcher]:
    return st.builds(ast.Matcher, LABELS, st.sampled_from(operators), WORDS)


COMPARISONS = st.one_of(
    st.builds(ast.LabelComparison, LABELS, st.sampled_from(["=", "!=", "=~", "!~"]), WORDS, st.just("string")),
    st.builds(ast.LabelComparison, LABELS, st.sampled_from(["==", "!=", ">", "<="]), NUMBERS, st.just("number")),
    st.builds(ast.LabelComparison, LABELS, st.sampled_from([">", ">=", "<", "=="]), SECONDS, st.just("duration")),
    st.builds(ast.LabelComparison, LABELS, st.just(">"), st.sampled_from([1.0, 2048.0, 1e9]), st.just("bytes")),
)
CONDITIONS = st.recursive(
    COMPARISONS, lambda inner: st.builds(ast.LabelLogic, st.sampled_from(["and", "or"]), inner, inner), max_leaves=4
)
FIELDS = st.lists(st.tuples(LABELS, st.sampled_from(["a.b", "x[0]", "y"])), max_size=2).map(tuple)
STAGES = st.one_of(
    st.builds(
        ast.LineFilter,
        st.sampled_from(["|=", "!=", "|~", "!~", "|>", "!>"]),
        st.lists(WORDS, min_size=1, max_size=2).map(tuple),
    ),
    st.builds(ast.Parser, st.sampled_from(["json", "logfmt"]), fields=FIELDS),
    st.just(ast.Parser("logfmt", flags=("--strict", "--keep-empty"))),
    st.just(ast.Parser("regexp", r"(?P<a>\d+)")),
    st.just(ast.Parser("pattern", '<ip> - "<method> <_>"')),
    st.sampled_from([ast.Parser("unpack"), ast.Parser("decolorize")]),
    CONDITIONS,
    st.sampled_from([ast.LineFormat('{{.app | ToUpper}} "x"'), ast.LineFormat("plain")]),
    st.just(ast.LabelFormat((("a", "b", False), ("c", "{{.d}}", True)))),
    st.builds(
        ast.Choice,
        st.sampled_from(["drop", "keep"]),
        # the last has a condition: `| drop a` and a filter `!= "b"` after it read as one
        st.lists(LABELS, max_size=2).map(
            lambda names: (*((name, None) for name in names), ("z", ast.Matcher("z", "!=", "y")))
        ),
    ),
)
QUERIES = st.builds(
    ast.LogQuery,
    st.tuples(
        st.builds(ast.Matcher, LABELS, st.just("="), st.sampled_from(["a", "b c"])), _matchers(["=", "!=", "=~", "!~"])
    ),
    st.lists(STAGES, max_size=4).map(tuple),
)
GROUPINGS = st.none() | st.builds(ast.Grouping, st.lists(LABELS, max_size=2).map(tuple), st.booleans())
UNWRAPS = st.builds(
    ast.Unwrap,
    LABELS,
    st.sampled_from(["", "duration", "bytes"]),
    st.lists(COMPARISONS, max_size=1).map(tuple),
)
RANGES = st.one_of(
    st.builds(
        ast.RangeAggregation, st.sampled_from(COUNTING), QUERIES, SECONDS, offset=st.sampled_from([0.0, 60.0, 0.5])
    ),
    st.builds(ast.RangeAggregation, st.sampled_from(GROUPED[:-1]), QUERIES, SECONDS, UNWRAPS, grouping=GROUPINGS),
    st.builds(ast.RangeAggregation, st.just("quantile_over_time"), QUERIES, SECONDS, UNWRAPS, parameter=st.just(0.99)),
)


def _larger(inner: st.SearchStrategy[ast.Metric]) -> st.SearchStrategy[ast.Metric]:
    return st.one_of(
        st.builds(ast.VectorAggregation, st.sampled_from(AGGREGATIONS[:7]), inner, GROUPINGS),
        st.builds(ast.VectorAggregation, st.just("topk"), inner, GROUPINGS, st.just(3)),
        st.builds(ast.LabelReplace, inner, LABELS, st.just("$1"), LABELS, st.just("(.*)x")),
        st.builds(ast.Binary, st.sampled_from(["+", "-", "*", "/", "%", "^"]), inner, inner),
        st.builds(ast.Binary, st.sampled_from([">", "<=", "=="]), inner, inner, st.booleans(), GROUPINGS),
    )


METRICS = st.recursive(RANGES | st.builds(ast.Number, NUMBERS) | st.builds(ast.Vector, NUMBERS), _larger, max_leaves=4)


@given(QUERIES)
def test_log_queries_read_back(query: ast.LogQuery) -> None:
    assert parse(text_of(query)) == query


@given(METRICS)
def test_metric_queries_read_back(query: ast.Metric) -> None:
    assert parse(text_of(query)) == query


PIECES = st.sampled_from(
    ["{", "}", 'app="x"', "|=", '"x"', "| json", "| logfmt", "[5m]", "rate(", "sum(", "by (a)", ")", "(", "+", "1", "^",
     "| unwrap x", "or", "topk(2,", "`", '"', "\\", "5KB", "| label_format a=b", "drop", "=~", "offset 1m", "#", "\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=20))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    query = None
    with suppress(InvalidInputError):
        query = parse(text)
    if query is not None:
        assert parse(text_of(query)) == query


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('{app="x"}|="a"', '{app="x"} |= `a`'),
        ('rate({app="x"} |= "a" [5m])', 'rate({app="x"}[5m] |= "a")'),
        ('rate(({app="x"} | json)[5m])', 'rate({app="x"} | json [300s])'),
        ('sum by (a) (rate({app="x"}[1m]))', 'sum(rate({app="x"}[1m])) by (a)'),
        ('{app="x"} | a="1", b="2"', '{app="x"} | a="1" and b="2"'),
        ('{app="x"} | a = 5', '{app="x"} | a == 5'),
        ("1 + 2 * 3 ^ 2 ^ 2", "1 + (2 * (3 ^ (2 ^ 2)))"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ('{app="x"} # all of it\n', '{app="x"}'),
        ('{app="x"} | json a="b", c', '{app="x"} | json a="b", c="c"'),
    ],
)
def test_other_ways_to_write_the_same(text: str, same: str) -> None:
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "parse error at line 1, col 1: syntax error: unexpected $end"),
        ("{app}", "parse error at line 1, col 5: syntax error: unexpected }, expecting = or != or =~ or !~"),
        ('{app="x', "parse error at line 1, col 6: literal not terminated"),
        ('{app=~".*"}', "queries require at least one regexp or equality matcher"),
        ("{}", "queries require at least one regexp or equality matcher"),
        ('{app="x"} |~ "("', "error parsing regexp"),
        ('rate({app="x"})', "syntax error: unexpected )"),
        ('sum({app="x"})', "unexpected log query"),
        ('sum_over_time({app="x"}[5m])', "invalid aggregation sum_over_time without unwrap"),
        ('count_over_time({app="x"} | unwrap a [5m])', "invalid aggregation count_over_time with unwrap"),
        ('{app="x"} + 1', "unexpected type for left leg of binary operation (+): *syntax.MatchersExpr"),
        ('{app="x"} | pattern "x"', "at least one capture is required"),
        ('{app="x"} | pattern "<a><b>"', "found consecutive capture '<a><b>'"),
        ('{app="x"} | regexp "x"', "at least one named capture must be supplied"),
        ('{app="x"} | line_format "{{.a | nope}}"', 'function "nope" not defined'),
        ('{app="x"} | label_format a=b, a=c', "multiple label name 'a' not allowed"),
        ("topk(0, vector(1))", "invalid parameter (must be greater than 0) topk("),
        ('{app="x"} | unwrap a', "unwrap is only allowed in a range aggregation"),
        ("(" * 300, "nested too deeply"),
    ],
)
def test_errors_are_named(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_selectors() -> None:
    assert parse_selector('{a="b"}') == (ast.Matcher("a", "=", "b"),)
    with pytest.raises(InvalidInputError, match="only label matchers"):
        parse_selector('{a="b"} |= "c"')


@given(st.integers(1, 10**15))
def test_durations_read_back(nanoseconds: int) -> None:
    found = seconds_of(duration_text(nanoseconds / 1e9))
    assert found is not None
    assert round(found * 1e9) == pytest.approx(nanoseconds, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "value"), [("20KB", 20000), ("1.5KiB", 1536), ("3b", 3), ("2M", 2e6), ("x", None), ("5", 5)]
)
def test_amounts(text: str, value: float | None) -> None:
    assert bytes_of(text) == value
