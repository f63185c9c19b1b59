"""Small parts of the agents, each on values written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.agents.registry import Findings, Specialist
from aiops.agents.remedies.env_value import VARIABLE
from aiops.agents.remedies.image import container_in
from aiops.agents.root_cause import cite, diagnose, is_blind, refined_onset
from aiops.agents.scoping.scope import CallMap, Scope
from aiops.agents.specialists.calls import main_error
from aiops.agents.specialists.metrics import observe
from aiops.agents.specialists.signal_rules import RULES
from aiops.agents.specialists.traces import named
from aiops.agents.toolbox import query
from aiops.agents.verification.verify import overall
from aiops.core.action import Check, Outcome
from aiops.core.entity import Edge, Entity, Subject
from aiops.core.evidence import Evidence, Hypothesis, Query, Source, Window
from aiops.core.incident import Signal
from aiops.core.mechanism import Mechanism
from aiops.core.telemetry import Series
from aiops.tools.dependencies import CallStats
from aiops.tools.scale import scale

ONSET = 10_000.0
WEB = Entity(kind="Deployment", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")
ERRORS = next(rule for rule in RULES if rule.name == "error_ratio")
RATE = next(rule for rule in RULES if rule.name == "rate")
ASKED = Query(tool="golden_signals")


def make_scope(**more: Any) -> Scope:
    alert = Signal(id="s", kind="alert", title="t", fingerprint="f", starts_at=ONSET + 150, received_at=ONSET + 155)
    belongs = {"Service/shop/web": (WEB,), "Service/shop/cart": (CART,), str(WEB): (WEB,), str(CART): (CART,)}
    calls = (Edge(source=WEB, target=CART),)
    fields: dict[str, Any] = {
        "namespaces": ("shop",),
        "signals": (alert,),
        "onset": ONSET,
        "reported": ONSET + 150,
        "window": Window(start=ONSET, end=ONSET + 300),
        "baseline": Window(start=ONSET - 1200, end=ONSET - 90),
        "call_map": CallMap(workloads=(WEB, CART), calls=calls, belongs=belongs, entries=(WEB,)),
    }
    return Scope(**{**fields, **more})


def make_series(before: float, after: float, change: float = ONSET + 30) -> Series:
    times = np.arange(ONSET - 1200, ONSET + 301, 15.0)
    return Series({}, times, np.where(times < change, before, after))


def see(identity: str, subject: Subject, score: float, source: Source = Source.METRICS, **more: Any) -> Evidence:
    window = Window(start=ONSET, end=ONSET + 300)
    fields = {"query": ASKED, "window": window, "summary": f"Seen at {subject}.", "observed": "x"}
    return Evidence(id=identity, source=source, subject=subject, score=score, **{**fields, **more})


def test_a_rise_of_errors_is_observed_with_its_onset() -> None:
    found = observe(WEB, ERRORS, make_series(0.0, 0.4), make_scope())
    assert found is not None
    assert found.score > 0.9
    assert found.onset == ONSET + 30
    assert (found.observed, found.baseline) == ("40.0% of requests fail", "0.0%")


def test_fewer_errors_and_trifles_are_no_trouble() -> None:
    assert observe(WEB, ERRORS, make_series(0.4, 0.0), make_scope()) is None
    assert observe(WEB, ERRORS, make_series(0.0, 0.001), make_scope()) is None


def test_a_drop_of_traffic_counts_more_than_a_rise() -> None:
    drop = observe(WEB, RATE, make_series(100, 1), make_scope())
    rise = observe(WEB, RATE, make_series(100, 199), make_scope())
    assert drop is not None
    assert rise is not None
    assert drop.score > rise.score
    assert [h.mechanism for h in rise.suggests] == [Mechanism.LOAD_INCREASE]


def test_the_onset_is_the_earliest_strong_change_near_the_guess() -> None:
    evidence = (
        see("a", WEB, 0.9, onset=ONSET + 40),
        see("b", CART, 0.8, onset=ONSET + 25),
        see("c", CART, 0.2, onset=ONSET + 5),
        see("d", CART, 0.9, onset=ONSET - 5000),
        see("e", CART, 0.9, Source.LOGS, onset=ONSET + 1),
    )
    assert refined_onset(make_scope(), evidence) == ONSET + 25
    assert refined_onset(make_scope(), ()) == ONSET


def _findings(*evidence: Evidence, specialist: str = "metrics", missing: tuple[str, ...] = ()) -> Findings:
    return Findings(specialist=specialist, evidence=evidence, missing=missing)


def test_a_diagnosis_cites_its_evidence_and_names_the_path() -> None:
    guess = Hypothesis(subject=CART, mechanism=Mechanism.CONFIG_PROBE, strength=0.9, field="spec.x")
    found = diagnose(
        make_scope(),
        [
            _findings(see("m1", WEB, 0.9), see("m2", Edge(source=WEB, target=CART), 0.9)),
            _findings(see("k1", CART, 0.9, Source.KUBERNETES, onset=ONSET, suggests=(guess,)), missing=("no logs",)),
        ],
    )
    assert (found.fault, found.abstained) == (True, False)
    best = found.best
    assert best is not None
    assert best.path == (CART, WEB)
    assert best.summary == "Seen at Deployment/shop/cart. Field: spec.x. [m2, k1]"
    assert [str(r.subject) for r in found.ruled_out] == ["Deployment/shop/web"]
    assert found.ruled_out[0].reason == "what it calls explains its trouble"
    assert found.missing == ("no logs",)


def test_trouble_without_an_explanation_makes_it_abstain() -> None:
    found = diagnose(make_scope(), [_findings(see("m1", WEB, 0.9))])
    assert (found.fault, found.abstained) == (True, True)
    assert found.best is not None
    assert found.best.mechanism is None


def test_a_suspicion_that_nobody_suffers_from_is_no_fault() -> None:
    guess = Hypothesis(subject=CART, mechanism=Mechanism.SCALING_REPLICAS, strength=0.45)
    found = diagnose(make_scope(), [_findings(see("c", CART, 0.9, Source.CHANGES, onset=ONSET, suggests=(guess,)))])
    assert not found.fault
    assert found.summary.startswith("No fault")


def test_silence_is_no_proof_of_health_where_nothing_could_be_read() -> None:
    deaf = _findings(missing=("no Prometheus is configured",))
    assert is_blind(make_scope(), [deaf])
    assert not is_blind(make_scope(signals=()), [deaf])
    assert not is_blind(make_scope(), [_findings()])
    assert not is_blind(make_scope(), [deaf, _findings(see("t", WEB, 0.1, Source.TRACES))])
    assert diagnose(make_scope(), [deaf]).abstained


async def test_a_specialist_keeps_the_strongest_and_numbers_them_by_attempt() -> None:
    async def many(scope: Scope, _: Any) -> list[Any]:
        return [observe(WEB, ERRORS, make_series(0.0, 0.1 + i / 1000), scope) for i in range(70)]

    crowd = Specialist("crowd", Source.METRICS, (), "For a test.", many)
    found = await crowd.run(make_scope(attempt=2), None)  # type: ignore[arg-type]
    assert len(found.evidence) == 60
    assert found.evidence[0].id == "crowd-2-1"
    assert found.evidence[0].score == max(e.score for e in found.evidence)
    assert found.missing == ("10 weaker observations were left out",)


def test_every_check_must_agree_before_a_change_counts_as_better() -> None:
    def checks(*outcomes: Outcome) -> list[Check]:
        return [Check(name="n", outcome=o, summary="s") for o in outcomes]

    assert overall(checks(Outcome.BETTER, Outcome.BETTER)) == Outcome.BETTER
    assert overall(checks(Outcome.BETTER, Outcome.UNCHANGED)) == Outcome.UNCHANGED
    assert overall(checks(Outcome.BETTER, Outcome.UNCHANGED, Outcome.WORSE)) == Outcome.WORSE
    assert overall([]) == Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cart", CART), ("cart.shop.svc.cluster.local:80", CART), ("cart.other", None), ("nobody", None)],
)
def test_a_span_names_a_workload(name: str, expected: Entity | None) -> None:
    assert named(name, make_scope()) == expected


def test_small_helpers() -> None:
    assert container_in("spec.template.spec.containers[web].image") == "web"
    assert container_in(None) is None
    found = VARIABLE.search("spec.template.spec.containers[web].env[A_B].value")
    assert found is not None
    assert found["name"] == "A_B"
    assert cite(("a", "b")) == "[a, b]"
    assert cite(tuple("abcdefgh")) == "[a, b, c, d, e, f and 2 more]"
    stats = CallStats(rate=1, error_ratio=0.4, error_types={"timeout": 0.1, "refused": 0.3})
    assert main_error(stats) == "refused"
    assert query(scale, workload=WEB, replicas=2).arguments == {"workload": WEB.model_dump(), "replicas": 2}
