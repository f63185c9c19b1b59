from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.calls.graph import CallGraph
from aiops.core.entity import Entity


def node(name: str) -> Entity:
    return Entity(kind="Deployment", namespace="shop", name=name)


GRAPH = CallGraph([(node("web"), node("cart")), (node("cart"), node("db")), (node("web"), node("geo"))])


def test_neighbours_and_entries() -> None:
    assert GRAPH.callees(node("web")) == [node("cart"), node("geo")]
    assert GRAPH.callers(node("db")) == [node("cart")]
    assert GRAPH.entries() == [node("web")]


def test_the_path_runs_from_the_cause_to_the_user() -> None:
    assert GRAPH.path_to_caller(node("db"), [node("web")]) == (node("db"), node("cart"), node("web"))
    assert GRAPH.path_to_caller(node("web"), [node("web")]) == (node("web"),)
    assert GRAPH.path_to_caller(node("geo"), [node("db")]) == ()


def test_distances_count_calls_in_either_direction() -> None:
    assert GRAPH.distance(node("web"), node("db")) == GRAPH.distance(node("db"), node("web")) == 2
    assert GRAPH.distance(node("geo"), node("db")) is None


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(NAMES, NAMES), max_size=15), NAMES, NAMES)
def test_a_path_is_made_of_calls_even_with_cycles(pairs: list[tuple[str, str]], start: str, end: str) -> None:
    calls = [(node(a), node(b)) for a, b in pairs]
    graph = CallGraph(calls)
    path = graph.path_to_caller(node(start), [node(end)])
    assert all((upper, lower) in calls for lower, upper in pairwise(path))
    assert not path or (path[0], path[-1]) == (node(start), node(end))
    assert path == CallGraph(calls[::-1]).path_to_caller(node(start), [node(end)])
