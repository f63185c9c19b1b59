"""Parsers of lines: what they read, and that no line is too strange for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.loki.logql.ast import Parser
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.extracting import check_expression, check_pattern, extractor
from aiops.lab.loki.logql.templates import Template

PARSERS = (
    Parser("json"), Parser("json", fields=(("a", "b[0].c"),)), Parser("logfmt"), Parser("logfmt", flags=("--strict",)),
    Parser("logfmt", fields=(("a", "b"),)), Parser("regexp", r"(?<n>\d+)"), Parser("pattern", "<a> - <b>"),
    Parser("unpack"), Parser("decolorize"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("parser", "line", "labels"),
    [
        (PARSERS[0], '{"a":1,"b":{"c-d":true,"e":null},"f":[1],"2x":"y"}', {"a": "1", "b_c_d": "true", "_2x": "y"}),
        (PARSERS[1], '{"b":[{"c":{"d":1}}]}', {"a": '{"d":1}'}),
        (PARSERS[2], 'a=1 b="x \\"y\\"" c= d e=é', {"a": "1", "b": 'x "y"', "e": "é"}),
        (Parser("logfmt", flags=("--keep-empty",)), "a= b", {"a": "", "b": ""}),
        (PARSERS[4], "a=1 b=2", {"a": "2"}),
        (PARSERS[5], "took 15 ms", {"n": "15"}),
        (PARSERS[6], "x - y - z", {"a": "x", "b": "y - z"}),
        (Parser("pattern", "[<_>] <m>"), "[now] hello", {"m": "hello"}),
        (Parser("pattern", "[<_>] <m>"), "no bracket", {}),
        (PARSERS[7], '{"a":"1","b":2,"_entry":"x"}', {"a": "1"}),
    ],
)
def test_labels_of_a_line(parser: Parser, line: str, labels: dict[str, str]) -> None:
    assert extractor(parser)(line)[0] == labels


def test_lines_that_are_unpacked_or_lose_their_colours() -> None:
    assert extractor(PARSERS[7])('{"_entry":"x"}')[2] == "x"
    assert extractor(PARSERS[8])("\x1b[31mred\x1b[0m")[2] == "red"


@pytest.mark.parametrize("parser", PARSERS, ids=str)
@given(line=st.text(max_size=30))
def test_every_line_is_read(parser: Parser, line: str) -> None:
    labels, error, _ = extractor(parser)(line)
    assert error in ("", "JSONParserErr", "LogfmtParserErr")
    assert all(isinstance(value, str) for value in labels.values())


@pytest.mark.parametrize("text", ["", "plain", "<a><b>", "<a> <a>"])
def test_patterns_that_find_nothing_are_refused(text: str) -> None:
    with pytest.raises(ParseError):
        check_pattern(text)


@pytest.mark.parametrize("path", ["", "a..b", "a[", "[x]", "a b"])
def test_paths_that_lead_nowhere_are_refused(path: str) -> None:
    with pytest.raises(ParseError):
        check_expression(path)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.a}}-{{ .b }}", "X-y"),
        ("{{.a | ToLower}}", "x"),
        ('{{ .b | replace "y" "z" | upper }}', "Z"),
        ('{{ default "none" .gone }}', "none"),
        ("{{__line__}} {{ __timestamp__ }}", "the line 5"),
        ("{{ trunc 3 __line__ }}", "the"),
        ('{{ Replace .a "x" }}', None),
        ("{{ .a", None),
        ("{{}}", None),
        ('{{ "quoted\\n" }}', "quoted\n"),
        ("{{ 5 }}", "5"),
        ("nothing", "nothing"),
    ],
)
def test_templates(template: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(ParseError):
            Template(template)
    else:
        assert Template(template).write({"a": "X", "b": "y"}, "the line", 5) == text


@given(st.lists(st.sampled_from(["{{", "}}", ".a", "|", "ToLower", '"x"', " ", "trunc", "1", "y"]), max_size=8))
def test_templates_are_read_or_refused(pieces: list[str]) -> None:
    try:
        template = Template("".join(pieces))
    except ParseError:
        return
    assert isinstance(template.write({}, "line", 1), str)
