"""Label selectors: what they match, and the words in which wrong ones are refused."""

from __future__ import annotations

import pytest

from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.labelselector import parse_labels


@pytest.mark.parametrize(
    ("text", "labels", "matches"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a==1,b!=2", {"a": "1"}, True),
        ("a in (1, 2)", {"a": "2"}, True),
        ("a in (,x)", {"a": ""}, True),
        ("a in ()", {"a": ""}, True),
        ("a notin (1),!b", {"a": "2"}, True),
        ("a", {"b": "1"}, False),
        ("!a", {"a": "1"}, False),
        ("n>1", {"n": "2"}, True),
        ("n<1", {"n": "x"}, False),
        ("in in (in,notin)", {"in": "notin"}, True),
        ("a=", {"a": ""}, True),
    ],
)
def test_what_a_selector_matches(text: str, labels: dict[str, str], matches: bool) -> None:
    assert all(each.matches(labels) for each in parse_labels(text)) is matches


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("app<>web", "unable to parse requirement: found '>', expected: identifier"),
        ("app in web", "unable to parse requirement: found 'web' expected: '('"),
        ("app in (web", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a b=c", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=c d", "found 'd', expected: ',' or 'end of string'"),
        ("a=b,", "found '', expected: identifier after ','"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("n>x", "the value must be an integer"),
        ("-a=c", '<nil>: Invalid value: "-a": name part must consist of'),
    ],
)
def test_wrong_selectors(text: str, why: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_labels(text)
    assert refused.value.status == 400
    assert why in str(refused.value)
