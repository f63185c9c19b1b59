"""Rules in schemas of custom resources."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.kube.custom.rules import has_rules, rule_problems
from aiops.lab.kube.custom.structure import structure_problems
from aiops.lab.kube.expressions.program import LONGEST

PLAIN: dict[str, Any] = {"type": "object", "properties": {"spec": {"type": "object"}}}


def schema(rule: str, **more: Any) -> dict[str, Any]:
    """A schema whose `spec` has one rule."""
    properties = {
        "n": {"type": "integer"},
        "share": {"type": "number"},
        "name": {"type": "string"},
        "in": {"type": "string"},
        "max-size": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "every": {"type": "string", "format": "duration"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "size": {"x-kubernetes-int-or-string": True},
    }
    spec = {"type": "object", "properties": properties, "x-kubernetes-validations": [{"rule": rule, **more}]}
    return {"type": "object", "properties": {"spec": spec}}


def told(rule: str, spec: Any, old: Any = None, **more: Any) -> list[tuple[str, str]]:
    before = None if old is None else {"spec": old}
    return [(cause.field, cause.message) for cause in rule_problems({"spec": spec}, before, schema(rule, **more))]


@pytest.mark.parametrize(
    ("rule", "spec"),
    [
        ("self.n < 3", {"n": 2}),
        ("self.share < 2.5 && self.share == 2.0", {"share": 2}),
        ("self.__in__ == 'a' && self.max__dash__size == 1", {"in": "a", "max-size": 1}),
        ("self.at > timestamp('2020-01-01T00:00:00Z')", {"at": "2026-01-01T00:00:00Z"}),
        ("self.every >= duration('1m')", {"every": "1h"}),
        ("self.tags.all(t, t.matches('^[a-z]+$')) && self.tags.isSorted()", {"tags": ["a", "b"]}),
        ("'app' in self.labels && self.labels['app'].size() > 0", {"labels": {"app": "x"}}),
        ("!has(self.n) || self.n > 5", {}),
        ("quantity(self.name).isGreaterThan(quantity('1Mi')) && isQuantity(self.name)", {"name": "1Gi"}),
        ("quantity('1Gi').compareTo(quantity('1024Mi')) == 0", {}),
        ("type(self.size) == string ? self.size.endsWith('%') : self.size > 0", {"size": "5%"}),
        ("self.name.split(',').map(x, x.trim()).join('-') == 'a-b'", {"name": "a, b"}),
        ("isIP(self.name) && !isURL(self.name) && isCIDR('10.0.0.0/8')", {"name": "10.0.0.1"}),
        ("self.name.lowerAscii().indexOf('b') == 1 && self.name.replace('A', 'x') == 'xB'", {"name": "AB"}),
        ("'%s has %d' == '%s has %d' && '%s has %d'.format(['a', 2]) == 'a has 2'", {}),
        ("self.n == oldSelf.n", {"n": 1}),
    ],
)
def test_what_keeps_to_its_rule(rule: str, spec: dict[str, Any]) -> None:
    assert told(rule, spec) == []


def test_a_broken_rule_is_told_in_the_words_of_the_schema() -> None:
    assert told("self.n < 3", {"n": 3}) == [("spec", "Invalid value: failed rule: self.n < 3")]
    assert told("self.n < 3", {"n": 3}, message=" at most two ") == [("spec", "Invalid value: at most two")]
    made = told("self.n < 3", {"n": 3}, messageExpression="'not ' + string(self.n)", message="no")
    assert made == [("spec", "Invalid value: not 3")]
    assert told("self.n < 3", {"n": 3}, messageExpression="self.nope", message="no") == [("spec", "Invalid value: no")]
    forbidden = told("self.n < 3", {"n": 3}, reason="FieldValueForbidden", fieldPath=".n", message="no")
    assert forbidden == [("spec.n", "Forbidden: no")]


def test_transitions_are_judged_on_updates() -> None:
    assert told("self.n >= oldSelf.n", {"n": 1}) == []
    assert told("self.n >= oldSelf.n", {"n": 1}, old={"n": 2}, message="no way back") == [
        ("spec", "Invalid value: no way back")
    ]
    maybe = "!oldSelf.hasValue() || oldSelf.value().n <= self.n"
    assert told(maybe, {"n": 1}, optionalOldSelf=True) == []
    assert told(maybe, {"n": 1}, old={"n": 2}, optionalOldSelf=True) != []


def test_what_was_wrong_before_may_stay() -> None:
    assert told("self.n < 3", {"n": 9}, old={"n": 9}) == []
    assert told("self.n < 3", {"n": 9}, old={"n": 8}) != []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("self.nope == 1", "no such key: nope"),
        ("self.n / 0 == 1", "division by zero"),
        ("self.n < 'a'", "no such overload"),
        ("self.n.startsWith('a')", "undeclared reference to 'startsWith'"),
        ("self.name.find('a') == ''", "undeclared reference to 'find'"),
        ("quantity('many').sign() == 1", "quantit"),
    ],
)
def test_what_cannot_be_judged_is_refused(rule: str, why: str) -> None:
    ((_, message),) = told(rule, {"n": 1, "name": "a"})
    assert why in message
    assert message.endswith(f"evaluating rule: {rule}")


def test_rules_hold_for_items_and_entries() -> None:
    item = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "n": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.n >= oldSelf.n", "message": "grows"}],
    }
    each = {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 0"}]}
    whole = {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": item, "x-kubernetes-list-map-keys": ["name"]},
            "map": {"type": "object", "additionalProperties": each},
        },
    }
    old = {"list": [{"name": "a", "n": 5}, {"name": "b", "n": 1}]}
    new = {"list": [{"name": "b", "n": 1}, {"name": "a", "n": 4}], "map": {"x": 1, "y": 0}}
    found = [(cause.field, cause.message) for cause in rule_problems(new, old, whole)]
    assert found == [
        ("list[1]", "Invalid value: grows"),
        ("map[y]", "Invalid value: 0: failed rule: self > 0"),
    ]


def test_only_schemas_with_rules_are_judged() -> None:
    assert not has_rules(PLAIN)
    assert has_rules(schema("true"))


def test_a_definition_with_a_rule_that_is_none_is_refused() -> None:
    (wrong,) = structure_problems(schema("self.n <"), "schema")
    assert wrong.field == "schema.properties[spec].x-kubernetes-validations[0].rule"
    assert "compilation failed: ERROR: <input>:1:9" in wrong.message
    (empty,) = structure_problems(schema(" "), "schema")
    assert empty.message == "Required value: rule is not specified"


@pytest.mark.parametrize("part", ["self.n+", "!", "(", "[", "self.n==1?1:"])
def test_a_monstrous_rule_stops_nothing(part: str) -> None:
    for size in (LONGEST // len(part) - 5, 200_000):
        monster = part * size + "1"
        list(structure_problems(schema(monster), "schema"))
        assert told(monster, {"n": 1}) != []
