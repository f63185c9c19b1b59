"""From findings to a diagnosis that cites them, or that abstains."""

from __future__ import annotations

from aiops.agents.registry import Findings
from aiops.agents.root_cause import cite, diagnose, is_blind, refined_onset
from aiops.core.entity import Edge
from aiops.core.evidence import Evidence, Hypothesis, Source
from aiops.core.mechanism import Mechanism
from tests.support.investigation import CART, ONSET, WEB, make_scope, see


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


def test_a_store_that_says_that_its_data_is_damaged_is_a_fault_though_nobody_suffers_yet() -> None:
    def said(mechanism: Mechanism, strength: float) -> bool:
        told = Hypothesis(subject=CART, mechanism=mechanism, strength=strength)
        found = diagnose(make_scope(), [_findings(see("l", CART, 0.25, Source.LOGS, suggests=(told,)))])
        assert found.abstained is False
        return found.fault and found.root_causes[0].mechanism is mechanism

    assert said(Mechanism.DATA_CORRUPTION, 0.8)
    assert not said(Mechanism.DATA_CORRUPTION, 0.4)
    assert not said(Mechanism.STORAGE_SLOW, 0.8)


def test_work_left_undone_and_answers_without_sense_are_felt_though_every_request_is_answered() -> None:
    lag = Hypothesis(subject=CART, mechanism=Mechanism.QUEUE_CONSUMER_LAG, strength=0.5)
    nonsense = Hypothesis(subject=CART, mechanism=Mechanism.APP_VERSION, strength=0.75)
    late, waits = (see("b", CART, score, suggests=(lag,)) for score in (0.8, 0.6))
    garbled = see("l", CART, 0.7, Source.LOGS, onset=ONSET + 20, suggests=(nonsense,))
    assert [diagnose(make_scope(), [_findings(item)]).fault for item in (late, waits, garbled)] == [True, False, True]


def test_silence_is_no_proof_of_health_where_nothing_could_be_read() -> None:
    deaf = _findings(missing=("no Prometheus is configured",))
    assert is_blind(make_scope(), [deaf])
    assert not is_blind(make_scope(signals=()), [deaf])
    assert not is_blind(make_scope(), [_findings()])
    assert not is_blind(make_scope(), [deaf, _findings(see("t", WEB, 0.1, Source.TRACES))])
    assert diagnose(make_scope(), [deaf]).abstained


def test_a_long_list_of_evidence_is_cut() -> None:
    assert cite(("a", "b")) == "[a, b]"
    assert cite(tuple("abcdefgh")) == "[a, b, c, d, e, f and 2 more]"
