from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.calls.graph import CallGraph
from aiops.analysis.rootcause.from_evidence.case import Candidate, Case, Ranking
from aiops.analysis.rootcause.from_evidence.fusion import rank
from aiops.analysis.rootcause.from_evidence.symptoms import Symptoms, blame, collect
from aiops.analysis.rootcause.from_evidence.witnesses import Group, overlap, timing
from aiops.core.entity import Edge, Entity, Subject
from aiops.core.evidence import Evidence, Hypothesis, Query, Source, Window
from aiops.core.mechanism import Mechanism

ONSET = 10_000.0


def node(name: str) -> Entity:
    return Entity(kind="Deployment", namespace="shop", name=name)


WEB, CART, DB, GEO = map(node, ("web", "cart", "db", "geo"))
CALLS = [(WEB, CART), (CART, DB), (WEB, GEO)]


def see(
    identity: str,
    subject: Subject,
    score: float,
    source: Source = Source.METRICS,
    onset: float | None = None,
    suggests: tuple[Hypothesis, ...] = (),
) -> Evidence:
    return Evidence(
        id=identity,
        source=source,
        subject=subject,
        query=Query(tool="metric_query"),
        window=Window(start=ONSET, end=ONSET + 300),
        summary="Something was seen.",
        observed="1",
        score=score,
        onset=onset,
        suggests=suggests,
    )


def guess(subject: Subject, mechanism: Mechanism, strength: float, **more: Any) -> tuple[Hypothesis, ...]:
    return (Hypothesis(subject=subject, mechanism=mechanism, strength=strength, **more),)


def components(entity: Entity) -> tuple[Entity, ...]:
    """Services belong to the Deployment of their name."""
    return (node(entity.name),)


def ranking(*evidence: Evidence) -> Ranking:
    return rank(Case(evidence, CallGraph(CALLS), components, (WEB,), ONSET))


def test_the_deepest_failing_callee_keeps_the_blame() -> None:
    evidence = [
        see("1", WEB, 0.9),
        see("2", Edge(source=WEB, target=CART), 0.9),
        see("3", Edge(source=CART, target=DB), 0.9),
    ]
    blamed = blame(collect(evidence, components, ONSET), CallGraph(CALLS))
    assert max(blamed, key=lambda n: blamed[n]) == DB
    assert blamed[WEB] < 0.35 * blamed[DB]


def test_a_call_seen_well_clears_a_callee_that_looks_ill() -> None:
    symptoms = Symptoms()
    symptoms.add_node(WEB, 0.9)
    symptoms.add_node(CART, 0.9)
    symptoms.calls[WEB, CART] = 0.0
    assert blame(symptoms, CallGraph(CALLS))[WEB] == pytest.approx(0.9)


def test_what_a_gateway_sees_is_how_its_workload_does() -> None:
    ingress = Entity(kind="Ingress", namespace="shop", name="web")
    found = collect([see("1", Edge(source=ingress, target=WEB), 0.7)], components, ONSET)
    assert (found.nodes, found.calls) == ({WEB: 0.7}, {})


def test_witnesses_of_different_kinds_add_up_and_ten_pods_are_one_witness() -> None:
    failing = see("m", DB, 1.0)
    one = guess(DB, Mechanism.RESOURCE_MEMORY_LIMIT, 0.5)
    alone = ranking(failing, see("k1", DB, 1.0, Source.KUBERNETES, ONSET, one)).candidates[0]
    pods = (see(f"k{i}", DB, 1.0, Source.KUBERNETES, ONSET, one) for i in range(10))
    many = ranking(failing, *pods).candidates[0]
    logs = see("l", DB, 0.3, Source.LOGS, ONSET, one)
    both = ranking(failing, see("k1", DB, 1.0, Source.KUBERNETES, ONSET, one), logs).candidates[0]
    assert alone.confidence == pytest.approx(many.confidence)
    assert both.confidence > alone.confidence


def test_a_cause_is_where_the_suffering_begins() -> None:
    found = ranking(
        see("1", WEB, 0.9),
        see("2", Edge(source=WEB, target=CART), 0.9),
        see("3", GEO, 0.0, Source.KUBERNETES, None, guess(GEO, Mechanism.CONFIG_PROBE, 0.6)),
        see("4", CART, 0.0, Source.KUBERNETES, None, guess(CART, Mechanism.CONFIG_PROBE, 0.6)),
    )
    assert [c.subject for c in found.candidates[:2]] == [CART, GEO]
    assert found.candidates[0].path == (CART, WEB)
    assert found.candidates[1].demoted
    assert found.felt == 0.9


def test_a_change_of_the_blamed_field_speaks_for_it_and_gives_the_value_before() -> None:
    service = Entity(kind="Service", namespace="shop", name="cart")
    field = "spec.ports[http].targetPort"
    state = guess(service, Mechanism.CONFIG_TARGET_PORT, 0.6, field=field, wanted=8081)
    change = guess(service, Mechanism.CONFIG_TARGET_PORT, 0.45, field=field, wanted="http")
    suffering = see("m", Edge(source=WEB, target=CART), 1.0)
    without = ranking(suffering, see("k", service, 0.9, Source.KUBERNETES, None, state))
    both = ranking(
        suffering,
        see("k", service, 0.9, Source.KUBERNETES, None, state),
        see("c", service, 0.9, Source.CHANGES, ONSET - 20, change),
    )
    assert both.candidates[0].confidence > without.candidates[0].confidence
    assert (without.candidates[0].wanted, both.candidates[0].wanted) == (8081, "http")
    assert both.candidates[0].evidence == ("m", "k", "c")


def test_one_field_is_blamed_once() -> None:
    field = "spec.template.spec.containers[db].image"
    found = ranking(
        see("k", DB, 1.0, Source.KUBERNETES, ONSET, guess(DB, Mechanism.IMAGE_UNAVAILABLE, 0.95, field=field)),
        see(
            "c", DB, 0.9, Source.CHANGES, ONSET - 20, guess(DB, Mechanism.APP_VERSION, 0.45, field=field, wanted="db:1")
        ),
    )
    assert [(c.subject, c.mechanism) for c in found.candidates] == [(DB, Mechanism.IMAGE_UNAVAILABLE)]
    assert found.candidates[0].wanted == "db:1"


def test_what_was_so_for_hours_or_came_later_is_no_cause() -> None:
    suffering = see("m", DB, 1.0)

    def at(onset: float) -> Candidate:
        witness = see("k", DB, 1.0, Source.KUBERNETES, onset, guess(DB, Mechanism.CONFIG_PROBE, 0.9))
        return ranking(suffering, witness).candidates[0]

    assert at(ONSET).confidence > at(ONSET + 1000).confidence
    assert at(ONSET).confidence > at(ONSET - 20_000).confidence
    assert "after" in at(ONSET + 1000).demoted


def test_suffering_without_a_hypothesis_names_the_place_only() -> None:
    found = ranking(see("1", WEB, 0.9), see("2", Edge(source=WEB, target=GEO), 0.9))
    assert (found.candidates[0].subject, found.candidates[0].mechanism) == (GEO, None)
    assert found.candidates[0].confidence < 0.35


def test_without_evidence_there_is_nothing() -> None:
    assert ranking() == Ranking((), 0.0)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("a.b", "a.b.c", True), ("a.b", "a.b[c]", True), ("a.b", "a.bc", False), ("", "a", True), ("a", "a", True)],
)
def test_paths_overlap_where_one_holds_the_other(first: str, second: str, expected: bool) -> None:
    assert overlap(first, second) is overlap(second, first) is expected


NAMES = ("web", "cart", "db", "geo")
HYPOTHESES = st.tuples(st.sampled_from(NAMES), st.sampled_from(list(Mechanism)), st.floats(0.05, 0.95))
EVIDENCE = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from([*NAMES, None]),
        st.floats(0, 1),
        st.sampled_from([Source.METRICS, Source.KUBERNETES, Source.CHANGES, Source.LOGS]),
        st.one_of(st.none(), st.floats(ONSET - 5000, ONSET + 500)),
        st.lists(HYPOTHESES, max_size=2),
    ),
    max_size=8,
)


def _case(rows: list[Any], names: dict[str, str]) -> Ranking:
    def named(name: str) -> Entity:
        return node(names[name])

    evidence = tuple(
        see(
            str(i),
            Edge(source=named(a), target=named(b)) if b else named(a),
            score,
            source,
            onset,
            tuple(Hypothesis(subject=named(n), mechanism=m, strength=s) for n, m, s in guesses),
        )
        for i, (a, b, score, source, onset, guesses) in enumerate(rows)
    )
    graph = CallGraph((named(a.name), named(b.name)) for a, b in CALLS)
    return rank(Case(evidence, graph, components, (named("web"),), ONSET))


@given(EVIDENCE, st.permutations(NAMES))
def test_renaming_every_entity_changes_no_confidence(rows: list[Any], order: list[str]) -> None:
    plain = _case(rows, {name: name for name in NAMES})
    names = dict(zip(NAMES, order, strict=True))
    renamed = _case(rows, names)

    def shape(ranked: Ranking, new: dict[str, str]) -> list[tuple[float, str, str]]:
        rounded = ((round(c.confidence, 9), str(c.mechanism), new[c.subject.name]) for c in ranked.candidates)  # type: ignore[union-attr]
        return sorted(rounded)

    assert shape(plain, names) == shape(renamed, {name: name for name in NAMES})
    assert plain.felt == renamed.felt


@given(EVIDENCE)
def test_confidences_are_shares_in_falling_order(rows: list[Any]) -> None:
    found = _case(rows, {name: name for name in NAMES}).candidates
    confidences = [c.confidence for c in found]
    assert all(0 <= c < 1 for c in confidences)
    assert confidences == sorted(confidences, reverse=True)


def test_a_policy_of_the_caller_is_judged_by_the_call_that_it_breaks() -> None:
    policy = Entity(kind="NetworkPolicy", namespace="shop", name="cart")  # belongs to the caller
    edge = Edge(source=CART, target=DB)
    found = ranking(
        see("1", WEB, 0.9),
        see("2", Edge(source=WEB, target=CART), 0.9),
        see("3", edge, 1.0),
        see("k", edge, 1.0, Source.KUBERNETES, None, guess(policy, Mechanism.NETWORK_POLICY, 0.95)),
    )
    assert found.candidates[0].subject == policy
    assert found.candidates[0].confidence > 0.9
    assert found.candidates[0].path == (DB, CART, WEB)
    assert all(c.subject != DB for c in found.candidates)


def test_an_object_that_was_not_read_is_blamed_for_trouble_at_who_needs_it() -> None:
    secret = Entity(kind="Secret", namespace="shop", name="credentials")

    def known(entity: Entity) -> tuple[Entity, ...]:
        return (entity,)

    evidence = (
        see("m", DB, 1.0),
        see("k", DB, 1.0, Source.KUBERNETES, ONSET, guess(secret, Mechanism.CONFIG_MISSING_KEY, 0.95)),
    )
    best = rank(Case(evidence, CallGraph(CALLS), known, (WEB,), ONSET)).candidates[0]
    assert (best.subject, best.mechanism) == (secret, Mechanism.CONFIG_MISSING_KEY)
    assert best.confidence > 0.9
    assert best.path == (DB, CART, WEB)


def test_a_new_version_whose_own_requests_fail_is_worth_acting_on_and_an_old_one_is_not() -> None:
    field = "spec.template.spec.containers[cart].image"
    new = guess(CART, Mechanism.APP_VERSION, 0.45, field=field, wanted="cart:1")
    own = guess(CART, Mechanism.APP_VERSION, 0.2)
    failing = see("m", Edge(source=WEB, target=CART), 1.0)
    errors = see("t", CART, 0.9, Source.TRACES, None, own)
    old = ranking(failing, errors).candidates[0]
    changed = ranking(failing, errors, see("c", CART, 0.9, Source.CHANGES, ONSET - 60, new)).candidates[0]
    assert old.confidence < 0.35 < changed.confidence
    assert (changed.mechanism, changed.field, changed.wanted) == (Mechanism.APP_VERSION, field, "cart:1")


def test_a_place_at_which_the_whole_begins_supports_what_is_blamed_there() -> None:
    """Nothing tells against the callee of the failing call but the amounts of what was lost."""
    symptoms = (see("1", WEB, 0.9), see("2", Edge(source=WEB, target=CART), 0.9))
    said = see("3", WEB, 0.0, Source.KUBERNETES, None, guess(WEB, Mechanism.CONFIG_PROBE, 0.6))
    whole = see("4", WEB, 0.8, Source.TRACES).model_copy(update={"begins": 0.8})
    without, with_it = ranking(*symptoms, said), ranking(*symptoms, said, whole)

    def confidence(found: Ranking) -> float:
        return next(c.confidence for c in found.candidates if c.subject == WEB and c.mechanism is not None)

    assert confidence(with_it) > 1.5 * confidence(without)


def test_who_is_found_well_by_others_is_not_blamed_for_one_caller() -> None:
    evidence = [see("1", Edge(source=WEB, target=CART), 0.9)]
    symptoms = collect(evidence, components, ONSET)
    alone = blame(symptoms, CallGraph(CALLS))
    answering = blame(symptoms, CallGraph(CALLS), frozenset({CART}))
    assert answering[CART] < 0.4 * alone[CART]
    assert answering[WEB] > alone.get(WEB, 0.0)


def test_workloads_behind_one_gateway_do_not_call_each_other() -> None:
    gateway = Entity(kind="Ingress", namespace="shop", name="front")

    def belongs(entity: Entity) -> tuple[Entity, ...]:
        return (WEB, GEO) if entity == gateway else components(entity)

    found = collect([see("1", Edge(source=gateway, target=WEB), 0.9)], belongs, ONSET)
    assert (found.nodes, found.calls) == ({WEB: 0.9}, {})
    assert blame(found, CallGraph(CALLS))[WEB] == 0.9


def test_a_value_that_a_program_puts_back_is_that_programs_doing() -> None:
    limit, sync = "spec.template.spec.containers[cart].resources.limits.memory", node("sync")
    bad = guess(CART, Mechanism.RESOURCE_MEMORY_LIMIT, 0.95, field=limit)
    back = guess(sync, Mechanism.RESOURCE_REAPPLIED, 0.97, explains=(limit,))
    seen = [
        see("1", Edge(source=WEB, target=CART), 0.9),
        see("2", CART, 0.9, Source.KUBERNETES, ONSET, bad),
        see("3", CART, 0.6, Source.CHANGES, ONSET, guess(CART, Mechanism.RESOURCE_MEMORY_LIMIT, 0.6, field=limit)),
        see("4", CART, 0.8, Source.KUBERNETES, None, back),
    ]
    assert ranking(*seen[:3]).candidates[0].subject == CART
    first, second = ranking(*seen).candidates[:2]
    assert (first.subject, second.subject) == (sync, CART)
    assert "Deployment/shop/sync" in second.demoted
    other = guess(CART, Mechanism.IMAGE_WRONG, 0.99, field="spec.template.spec.containers[cart].image")
    assert ranking(*seen, see("5", CART, 1.0, Source.KUBERNETES, ONSET, other)).candidates[0].field == other[0].field


def test_what_is_written_late_of_a_change_made_in_time_is_no_later_than_the_change() -> None:
    said = Hypothesis(subject=CART, mechanism=Mechanism.ROLLOUT_PARTIAL, strength=0.45)
    made = Hypothesis(subject=CART, mechanism=Mechanism.APP_VERSION, strength=0.6)
    line = see("l", CART, 0.4, Source.LOGS, ONSET + 200, (said,))
    change = see("c", CART, 0.9, Source.CHANGES, ONSET + 80, (made,))
    alone = Group(CART, Mechanism.ROLLOUT_PARTIAL, [(line, said)])
    both = Group(CART, Mechanism.ROLLOUT_PARTIAL, [(line, said), (change, made)])
    assert timing(ONSET, alone)[0] < timing(ONSET, both)[0] == 1.0
