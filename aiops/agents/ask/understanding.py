"""From the text of a question to what it speaks of: concepts, names that exist, a namespace, a period."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from aiops.agents.ask.known import Known
from aiops.agents.ask.periods import period
from aiops.agents.ask.spelling import nearest
from aiops.agents.ask.vocabulary import COURTESY, PHRASES, vocabulary
from aiops.core.entity import Entity

LONGEST = 1000
"""Characters of a question that are read."""

CONTRACTIONS = (
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b|\bcannot\b", "can not"),
    (r"n't\b", " not"),
    (r"\b(what|who|where|how|why|it|that|there|everything|anything)'s\b", r"\1 is"),
    (r"\b(what|who|where|how)s\b", r"\1 is"),
    (r"'re\b", " are"),
    (r"'s\b", ""),
)
_TOKEN = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_PLACES = ("in", "inside", "within", "namespace", "ns")
_KIND_WORDS = frozenset(
    ("deployment", "service", "statefulset", "daemonset", "pod", "node", "app", "workload", "serviceaccount", "account")
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: what it speaks of, and whether it is a name that exists. `unknown` words mean nothing here."""

    text: str
    concepts: tuple[str, ...] = ()
    name: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood. `seconds` is how far back it looks; `namespace` is empty for all.

    `unknown` are the words that mean nothing here; `unknown_namespace` is one that was asked for and is not there.
    `notes` say what was assumed. `order`: it begins like an order, not like a question.
    """

    text: str
    words: tuple[Word, ...]
    namespace: str = ""
    subjects: tuple[Entity, ...] = ()
    seconds: float | None = None
    unknown_namespace: str = ""
    order: bool = False
    notes: tuple[str, ...] = ()
    concepts: frozenset[str] = field(default_factory=frozenset)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The words that mean nothing here."""
        return tuple(word.text for word in self.words if word.unknown)

    def has(self, *concepts: str) -> bool:
        """Does it speak of one of these?"""
        return not self.concepts.isdisjoint(concepts)

    def position(self, *concepts: str) -> int:
        """Where the first word of these concepts stands; -1 where there is none."""
        return next(
            (i for i, w in enumerate(self.words) if not set(concepts).isdisjoint(w.concepts) and not w.name), -1
        )


def understand(text: str, known: Known, now: float, namespace: str = "") -> Question:
    """Read a question. `namespace` is what the asker has chosen beforehand, if anything."""
    plain = normalised(text)
    seconds, rest = period(plain, now)
    rest, order = without_courtesy(rest)
    for pattern, word in PHRASES:
        rest = re.sub(pattern, word, rest)
    tokens = _TOKEN.findall(rest)
    words, notes = _words(tokens, known)
    place, unknown_place = _namespace(words, known)
    words = _demoted(words, place)
    subjects = _subjects(words, known, place or namespace)
    used = place or namespace or _of_namespaces(words, known)
    return Question(
        text=text,
        words=tuple(words),
        namespace=used,
        subjects=subjects,
        seconds=seconds,
        unknown_namespace=unknown_place,
        order=order,
        notes=tuple(notes),
        concepts=frozenset(concept for word in words if not word.name for concept in word.concepts),
    )


def normalised(text: str) -> str:
    """Lower case, plain apostrophes, contractions written out, one space between words."""
    plain = " ".join(text[:LONGEST].lower().replace("’", "'").split())
    for pattern, instead in CONTRACTIONS:
        plain = re.sub(pattern, instead, plain)
    return plain


def without_courtesy(text: str) -> tuple[str, bool]:
    """The text without what stands before the question, and whether it is an order."""
    for _ in range(3):
        for pattern in COURTESY:
            text = re.sub(pattern, "", text.strip())
    first = _TOKEN.match(text)
    return text, first is not None and first[0] in vocabulary().orders


def _words(tokens: list[str], known: Known) -> tuple[list[Word], list[str]]:
    names = {*known.namespaces, *known.entities}
    words: list[Word] = []
    notes: list[str] = []
    for token in tokens:
        word = _word(token, names)
        if word.text != token and word.name:
            notes.append(f"I read “{token}” as {word.name}.")
        words.append(word)
    return words, notes


def _word(token: str, names: Collection[str]) -> Word:
    words = vocabulary()
    concepts = words.concepts.get(token, ())
    if token in names:
        return Word(token, concepts, name=token)
    if concepts or token in words.empty or token.isdigit():
        return Word(token, concepts)
    of_names, of_words = nearest(token, names), nearest(token, words.concepts.keys() | words.empty)
    if of_names and (not of_words or of_names[1] < of_words[1]):
        return Word(of_names[0], (), name=of_names[0])
    if of_words:
        return Word(of_words[0], words.concepts.get(of_words[0], ()))
    return Word(token, unknown=True)


def _namespace(words: list[Word], known: Known) -> tuple[str, str]:
    """The namespace that a question says it is about, and one that it names and that does not exist."""
    for i, word in enumerate(words):
        before = words[i - 1].text if i else ""
        earlier = words[i - 2].text if i > 1 else ""
        after = words[i + 1].text if i + 1 < len(words) else ""
        placed = before in _PLACES or (before == "the" and earlier in _PLACES) or after in ("namespace", "ns")
        if placed and word.name in known.namespaces:
            return word.name, ""
        if placed and word.unknown and ("namespace" in (before, after) or "ns" in (before, after) or before in _PLACES):
            return "", word.text
    return "", ""


def _of_namespaces(words: list[Word], known: Known) -> str:
    """A namespace that is named without a preposition, where nothing else has its name."""
    named = [word.name for word in words if word.name in known.namespaces and word.name not in known.entities]
    return named[0] if len(set(named)) == 1 else ""


def _demoted(words: list[Word], place: str) -> list[Word]:
    """Names that are also common words count as names only where nothing else in the question is one."""
    empty = vocabulary().empty
    clear = [w for w in words if w.name and w.name != place and not w.concepts and w.text not in empty]
    found: list[Word] = []
    for i, word in enumerate(words):
        common = bool(word.concepts) or word.text in empty
        around = {words[j].text for j in (i - 1, i + 1) if 0 <= j < len(words)}
        stays = not word.name or not common or word.name == place or bool(around & _KIND_WORDS) or not clear
        found.append(word if stays else Word(word.text, word.concepts))
    return found


def _subjects(words: list[Word], known: Known, namespace: str) -> tuple[Entity, ...]:
    """The objects that are named: of each name the ones in the namespace, of the kind that comes first."""
    found: list[Entity] = []
    for word in words:
        if not word.name or (word.name == namespace and word.name in known.namespaces):
            continue
        entities = [e for e in known.entities.get(word.name, ()) if not namespace or e.namespace in ("", namespace)]
        kinds = [entity.kind for entity in entities]
        found += [entity for entity in entities if entity.kind == kinds[0]]
    return tuple(dict.fromkeys(found))
