"""The words that questions about a cluster are made of, and what each of them speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

FILE = "vocabulary.yaml"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`concepts` by word; `empty` words carry no meaning; with one of `orders` an order begins."""

    concepts: dict[str, tuple[str, ...]]
    empty: frozenset[str]
    orders: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The file beside this module."""
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    concepts: dict[str, tuple[str, ...]] = {}
    for concept, words in content["concepts"].items():
        for word in words:
            concepts[word] = (*concepts.get(word, ()), concept)
    return Vocabulary(concepts, frozenset(content["empty"]) - concepts.keys(), frozenset(content["orders"]))


PHRASES: tuple[tuple[str, str], ...] = (
    (r"\bright (now|away)\b|\bat the moment\b|\bas well\b", " "),
    (r"\bhow (many|much)\b", " howmany "),
    (r"\bhow (do|can|would|should|could) (i|we|you|one)\b|\bhow to\b|\bwhat (is|are) (a|an)\b", " howto "),
    (r"\bwhat does .* mean\b", " howto "),
    (r"\bhow come\b|\bfor what reason\b|\bwhat is up with\b", " why "),
    (r"\broot cause\b", " rootcause "),
    (r"\bnot (healthy|ok|okay|well|fine|working|running|up|available|responding|reachable)\b", " failing "),
    (r"\b(does|do|did|is|are) ?not (work|start|respond|run|come up|answer)\b", " is failing "),
    (r"\bnot ready\b", " notready "),
    (r"\b(go|goes|going|went|being|gets|is taken) (down|away|offline)\b", " dies "),
    (r"\btak(e|es|ing) (so |too |very )?(long|ages)\b|\bresponse times?\b", " slow "),
    (r"\brolled out\b|\brolling out\b", " rollout "),
    (r"\bblast radius\b", " impact "),
    (r"\bservice accounts?\b", " serviceaccount "),
    (r"\bconfig maps?\b", " configmaps "),
    (r"\bnetwork polic(y|ies)\b", " networkpolicies "),
    (r"\b(stateful|daemon|replica) sets?\b", r" \1sets "),
    (r"\bcluster roles?\b", " clusterroles "),
    (r"\brole bindings?\b", " rolebindings "),
    (r"\bgoing to\b", " will "),
    (r"\btimed? out\b|\btiming out\b", " timeouts "),
    (r"\bcrash(ed|ing|es)? ?loop(s|ing)?( back ?off)?\b", " crashloop "),
)
"""Regular expressions over the lower-case text, and the one word that stands for each match."""

COURTESY = (
    r"^(hi|hey|hello|dear|ok|okay|so|well|um|and|now)\b[ ,!.]*",
    r"^(please|pls|kindly)\b[ ,]*",
    r"^(can|could|would|will) (you|u|somebody|someone|anybody|anyone) (?!read|delete|create|change)"
    r"((please|kindly|quickly|also) )*(tell|show|list|give|check|find|help|let|say|look|explain|see)?\b"
    r"( (me|us))?( (out|know))?",
    r"^(i|we) (want|need|would like|wonder|am wondering)( to (know|see|find out))?\b( (about|if|whether))?",
    r"^(do|does) (you|anybody|anyone|somebody) (happen to )?know\b( (if|whether))?",
    r"^(tell|show|give) (me|us)\b( (about|if|whether))?",
)
"""What stands before a question and says nothing about it, to be taken away one after the other."""
