"""Words, their weights, and that both are the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.knowledge.embedding import LexicalEmbedding
from aiops.knowledge.weighting import Weighting
from aiops.knowledge.words import features, stemmed

TEXTS = ["memory limit kills the process", "certificate expired", "memory of the node"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("restarts", "restarted"), ("throttling", "throttled"), ("policies", "policy"), ("OOMKilled", "kill")],
)
def test_forms_of_a_word_share_features(one: str, other: str) -> None:
    shared = features(one).keys() & features(other).keys()
    assert any(not feature.startswith("~") for feature in shared)


def test_common_words_do_not_count() -> None:
    assert features("what is the of and") == {}
    assert "crash" in features("CrashLoopBackOff")


@given(st.text(max_size=100))
def test_any_text_has_features_and_a_dimension_for_each(text: str) -> None:
    found = features(text)
    assert all(weight > 0 for weight in found.values())
    weighting = Weighting.of([text], [text])
    assert sorted(weighting.columns.values()) == list(range(len(found)))
    assert np.count_nonzero(weighting.passage(text)) == len(found)


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_a_stem_is_a_beginning_of_its_word(word: str) -> None:
    assert word.startswith(stemmed(word))
    assert len(stemmed(word)) >= min(4, len(word))


def test_a_rare_word_weighs_more_and_an_unknown_one_nothing() -> None:
    weighting = Weighting.of(TEXTS, TEXTS)
    rare, common = weighting.question("certificate"), weighting.question("memory")
    assert rare[weighting.columns["certificat"]] > common[weighting.columns["memor"]] > 0
    assert not weighting.question("qqqq").any()


def test_repeating_a_word_helps_less_and_less() -> None:
    weighting = Weighting.of(TEXTS, TEXTS)
    question = weighting.question("memory")
    scores = [float(question @ weighting.passage("memory " * count + "node " * (50 - count))) for count in (1, 2, 3)]
    assert scores[1] - scores[0] > scores[2] - scores[1] > 0


def test_an_embedding_is_the_same_after_it_was_stored() -> None:
    made = LexicalEmbedding(Weighting.of(TEXTS, TEXTS))
    again = LexicalEmbedding.build_from_config(made.get_config())
    np.testing.assert_array_equal(again.embed_query(["memory"])[0], made.embed_query(["memory"])[0])
    np.testing.assert_array_equal(again(TEXTS)[0], made(TEXTS)[0])


def test_vectors_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import hashlib; from aiops.knowledge.weighting import Weighting;"
        f"w = Weighting.of({TEXTS!r}, {TEXTS!r});"
        "print(hashlib.sha256(w.passage('OOMKilled memory limit').tobytes() + repr(w.config()).encode()).hexdigest())"
    )
    seen = {
        subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1
