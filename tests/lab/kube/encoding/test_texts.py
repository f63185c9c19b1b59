"""JSON and YAML as the API server's parsers read them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.encoding.jsontext import WrongTextError, parse_json, repeated_fields
from aiops.lab.kube.encoding.yamltext import parse_yaml
from tests.support.work import TWICE, counted

VALUE = "looking for beginning of value"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "unexpected end of JSON input"),
        ('{"a":', "unexpected end of JSON input"),
        ('{"a":"b', "unexpected end of JSON input"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", f"invalid character ']' {VALUE}"),
        ("hello", f"invalid character 'h' {VALUE}"),
        ('{"a":tru}', "invalid character '}' in literal true (expecting 'e')"),
        ('{"a":1}x', "invalid character 'x' after top-level value"),
        ('{"a":"\\x"}', "invalid character 'x' in string escape code"),
        ("NaN", f"invalid character 'N' {VALUE}"),
    ],
)
def test_json_that_is_none(text: str, why: str) -> None:
    with pytest.raises(WrongTextError) as refused:
        parse_json(text.encode())
    assert str(refused.value) == why


def test_fields_that_stand_twice_are_found_and_the_last_counts() -> None:
    value = parse_json(b'{"a":{"b":1,"b":2},"c":[{"d":1,"d":2}],"a":{"e":3}}')
    assert value == {"a": {"e": 3}, "c": [{"d": 2}]}
    assert repeated_fields(value) == ["a", "c[0].d"]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(values)
def test_any_value_is_read_back(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert repeated_fields(parse_json(json.dumps(value).encode())) == []


@given(st.binary(max_size=20))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for parse in (parse_json, parse_yaml):
        try:
            parse(content)
        except WrongTextError as error:
            assert str(error)  # noqa: PT017 - reading them is right too


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("12:30:45", "12:30:45"),
        ("010", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000),
        ("1.5", 1.5),
        ("1_000", 1000),
        ("y", True),
        ("No", False),
        ("~", None),
        ("", None),
        ("'yes'", "yes"),
        ("!!foo x", "x"),
        ("[1, a]", [1, "a"]),
    ],
)
def test_values_in_yaml(text: str, value: Any) -> None:
    assert parse_yaml(f"a: {text}".encode()) == ({"a": value}, [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: b: c", "mapping values are not allowed in this context"),
        ("a: [1, 2", "line 1: did not find expected ',' or ']'"),
        ("{a: 1", "line 1: did not find expected ',' or '}'"),
        ("a:\n\t- b", "line 2: found character that cannot start any token"),
        ('a: "x', "found unexpected end of stream"),
        ("a: *x", "unknown anchor 'x' referenced"),
        ("a: &a [*a]", "anchor value contains itself"),
        ("a: [1,\nb: 2", "line 2: did not find expected ',' or ']'"),
        ("x: 1\na: b: c", "line 2: mapping values are not allowed in this context"),
        ("a:\n  - b\n c: d", "line 2: did not find expected key"),
        ("{a: b}}", "did not find expected <document start>"),
    ],
)
def test_yaml_that_is_none(text: str, why: str) -> None:
    with pytest.raises(WrongTextError) as refused:
        parse_yaml(text.encode())
    assert str(refused.value) == f"yaml: {why}"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{"])
def test_yaml_that_is_too_deep_is_refused_before_it_costs_anything(opening: str) -> None:
    calls = []
    for deep in (20_000, 40_000):
        with counted() as work, pytest.raises(WrongTextError, match="exceeded max depth"):
            parse_yaml(opening.encode() * deep)
        calls.append(work.calls)
    assert calls[1] < calls[0] * 1.1


def test_a_long_line_of_yaml_takes_as_long_as_it_is() -> None:
    calls = []
    for count in (2000, 4000):
        with counted() as work:
            value, strict = parse_yaml(b"{" + b", ".join(b"k%d: v%d" % (n, n) for n in range(count)) + b"}")
        assert (len(value), value["k7"], strict) == (count, "v7", [])
        calls.append(work.calls)
    assert calls[1] < calls[0] * TWICE
    assert calls[1] < 100 * 4000 or not yaml.__with_libyaml__, "PyYAML's own scanner takes several times as many"


WITHOUT = """
import sys
sys.modules["yaml._yaml"] = None
from aiops.lab.kube.encoding.jsontext import WrongTextError
from aiops.lab.kube.encoding.yamltext import parse_yaml
for text in (b"{a: [1, b], c: y}", b"a: [1, 2", b"x: 1\\na: b: c", b"[" * 20_000):
    try:
        sys.stdout.write(f"{parse_yaml(text)[0]}\\n")
    except WrongTextError as error:
        sys.stdout.write(f"{error}\\n")
"""


def test_yaml_is_read_without_libyaml_too() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "{'a': [1, 'b'], 'c': True}",
        "yaml: line 1: did not find expected ',' or ']'",
        "yaml: line 2: mapping values are not allowed in this context",
        "exceeded max depth",
    ]


def test_a_key_that_stands_twice_in_yaml() -> None:
    assert parse_yaml(b"a: 1\nb: 2\na: 3") == ({"a": 3, "b": 2}, ['line 3: key "a" already set in map'])


def test_aliases_stand_for_what_they_name_within_bounds() -> None:
    assert parse_yaml(b"a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}")[0] == {
        "a": {"b": 1},
        "c": {"b": 1},
        "d": {"b": 1, "e": 2},
    }
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    with pytest.raises(WrongTextError, match="excessive aliasing"):
        parse_yaml("\n".join(lines).encode())
