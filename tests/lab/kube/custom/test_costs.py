"""Expressions that could run for ever are not begun; those that people write are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.custom.rules import RULES, rule_problems
from aiops.lab.kube.expressions.budget import MOST_IN_ALL, one_budget
from aiops.lab.kube.expressions.costs import MOST_STEPS, measured, shape_of, steps_of
from aiops.lab.kube.expressions.program import ExpressionError, OverBudgetError, evaluate
from tests.support.work import counted

NUMBERS = list(range(1000))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
DOUBLED = "[self]" + "".join(f".all({name}, [{name} + {name}]" for name in _LETTERS) + ".size() > 0" + ")" * 26
WICKED: tuple[tuple[str, Any], ...] = (
    ("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))", NUMBERS),
    ("self.all(a, self.exists(b, self.exists_one(c, a == c)))", NUMBERS),
    ("self.map(a, self.filter(b, self.map(c, c) != [a]))", NUMBERS),
    ("self.all(a, a in self)", list(range(100_000))),
    ("self.all(a, self.sum() > a)", list(range(20_000))),
    ("self.split('').all(a, self.split('').all(b, a == b))", "x" * 5000),
    ("[self]" + ".map(y, y + y)" * 40, "x"),
    ("[self]" + ".map(y, [y, y])" * 40 + ".size()", "x"),
    ("[self]" + ".map(y, {'a': y, 'b': y})" * 40 + ".size()", "x"),
    ("[self]" + ".map(y, '%s%s'.format([y, y]))" * 40, "x"),
    ("self.replace('x', self).replace('x', self).replace('x', self)", "x" * 1000),
    ("self.map(x, self).map(x, x.join(self[0]))", ["x" * 1000] * 1000),
    ("'%.999f'.format([1.0])" + ".replace('0', self)", "x" * 2000),
    (f"[{'1,' * 3000}1].all(x, [{'1,' * 800}1].all(y, x == y))", 0),
    (DOUBLED, "x" * 10),
)  # fmt: skip


@pytest.mark.parametrize(("text", "value"), WICKED)
def test_what_could_run_for_ever_is_not_begun(text: str, value: Any) -> None:
    evaluate("true", {})
    with counted() as work, pytest.raises(ExpressionError, match="operation cancelled: actual cost limit exceeded"):
        evaluate(text, {"self": value})
    size = measured([value])
    assert work.calls < 5 * (size.items + len(text)) + 1000, "it takes a few looks at what is given"


SENSIBLE: tuple[tuple[str, Any, Any], ...] = (
    ("self.all(a, self.exists_one(b, a == b))", list(range(300)), True),
    ("self.all(a, a in ['x', 'y', 'z'] || a.startsWith('x-'))", ["x", "x-1"] * 500, True),
    ("self.map(a, a * 2).filter(a, a > 2).all(a, a + a > 4)", list(range(100)), True),
    ("self.all(a, !has(a.b) || a.b.all(c, c in ['d', 'e']))", [{"a": "A"}, {"b": ["d"]}] * 100, True),
    ("'a.all(b.all(c.all(' + self", "d", "a.all(b.all(c.all(d"),
    ('"\\".map(x, x + x" + self', "d", '".map(x, x + xd'),
    (" + ".join(f"('<{n}>' + string(self + {n}))" for n in range(100)) + " != ''", 1, True),
)  # fmt: skip


@pytest.mark.parametrize(("text", "value", "answer"), SENSIBLE)
def test_what_people_write_is_judged(text: str, value: Any, answer: Any) -> None:
    assert evaluate(text, {"self": value}) == answer


def test_the_shape_of_an_expression_is_that_of_its_code() -> None:
    assert shape_of("1 == 1").depth == 0
    assert shape_of("self.all(a, true) && self.exists(b, true)").depth == 1
    assert shape_of("self . all (a, a.map(b, b.filter(c, true)).size() > 0)").depth == 3
    assert shape_of("has(self.all) && self.mapping(1)").depth == 0
    assert shape_of("// self.all(a, self.all(b, true))\ntrue").depth == 0
    assert shape_of("'''self.all(a, ''' == \"\"\"'\"\"\"").depth == 0
    assert shape_of("(1 + 2) * (3 + 4)").growth == 3


nested = st.recursive(
    st.text(max_size=5) | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
)


@given(nested, st.text(alphabet="self.all(map,)[]{}'\"+/x \n", max_size=60))
def test_any_text_and_value_can_be_measured(value: Any, text: str) -> None:
    size = measured([value], texts=True)
    assert 0 <= size.longest <= size.weight
    assert 0 < steps_of(text, {"self": value}) <= MOST_STEPS + 1


# ---- many rules at many places


def _many(rules: int, places: int, rule: str = "self.all(a, a.all(b, b >= 0))") -> tuple[Any, Any]:
    """A schema with so many rules for each item of a list, and an object with so many items."""
    numbers = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}
    item = {**numbers, RULES: [{"rule": f"{rule} || {n} < 0"} for n in range(rules)]}
    schema = {"type": "object", "properties": {"parts": {"type": "array", "items": item}}}
    return schema, {"parts": [[list(range(40))] * 10] * places}


def test_rules_that_are_cheap_by_themselves_are_not_judged_for_ever() -> None:
    schema, value = _many(100, 200)
    (rule, *others), first = schema["properties"]["parts"]["items"][RULES], value["parts"][0]
    assert steps_of(rule["rule"], {"self": first}) * (1 + len(others)) * len(value["parts"]) > MOST_IN_ALL
    calls = []
    for places in (10, 20, 40):
        schema, value = _many(100, places)
        with one_budget() as budget, counted() as work:
            budget.left = MOST_IN_ALL // 80
            (cause,) = rule_problems(value, None, schema)
        calls.append(work.calls)
        why = "validation failed due to running out of cost budget, no further validation rules will be run"
        assert cause.field.startswith("parts[")
        assert cause.message.endswith(why)
    assert calls[2] < calls[1] * 1.1, "the first has compiled the rules"


def test_a_request_of_ordinary_size_is_judged_to_its_end() -> None:
    schema, value = _many(10, 20)
    with one_budget() as budget:
        assert list(rule_problems(value, None, schema)) == []
        left = budget.left
        assert left > 0
        assert list(rule_problems(value, None, schema)) == []
        assert budget.left < left, "what one request asks for adds up"
    with one_budget() as other:
        assert other.left > left


def test_what_a_request_has_no_budget_for_is_refused_whatever_it_costs() -> None:
    with one_budget() as budget:
        assert not budget.spend(budget.left + 1)
        with pytest.raises(OverBudgetError):
            evaluate("true", {})
    assert evaluate("true", {}) is True
