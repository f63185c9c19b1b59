from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.logs.clocks import CLOCKS
from aiops.lab.logs.entries import LogEntry
from aiops.lab.logs.phrases import ANSWERS, FAILURES, REFUSALS, Phrases, languages
from aiops.lab.logs.wording import line, mixed, quoting, request_id, trace_id

VALUES: dict[str, Any] = {
    "name": "geo", "package": "geo", "namespace": "shop", "version": "1.2.3", "port": 8083, "pod": "geo-0",
    "seconds": 2.0, "variable": "GEO_ADDR", "method": "GET", "path": "/x", "health": "/healthz",
    "upstream": "hotel-frontend-http", "backend": "10.0.0.1:5000", "route": "GET /x", "target": "geo", "host": "geo",
    "address": "10.96.0.1:8083", "topic": "orders", "problem": "no", "plain": "no", "ends": "soon", "secret": "a/b",
    "peer": "10.244.1.7", "answer": "no", "fsync": 1.5, "fsync_ms": 1500.0, "fsyncs": 18.0, "fsyncs_ms": 18000.0,
    "checkpoint": 287.9,
}  # fmt: skip


@pytest.mark.parametrize("language", languages())
def test_every_template_can_be_written(language: str) -> None:
    phrases = Phrases()
    book = phrases.of(language)
    assert book.startup
    templates = [*book.startup, *book.stopping, *book.texts.values(), *(item.text for item in book.background)]
    templates += [phrases.problem(language, "missing"), phrases.problem(language, "invalid")]
    for template in templates:
        text = line(template, VALUES, 1.5, 42, 0.25, 503)
        assert text
        assert text == line(template, VALUES, 1.5, 42, 0.25, 503)
        if template.startswith("{{"):
            assert json.loads(text)


@pytest.mark.parametrize("language", languages())
def test_words_name_events_that_happen(language: str) -> None:
    known = {
        "access",
        "access_failed",
        "message",
        "message_failed",
        "exception",
        "exception_schema",
        "exception_protocol",
        "exception_io",
        "answered",
        "implausible",
        "forbidden",
        "corrupt",
        "missing",
        "invalid",
        "api",
        *FAILURES,
        *REFUSALS,
        *ANSWERS,
    }
    known |= {"certificate_ends", "certificate_names", "heap", "locked", "full", "flag", "format", "files"}
    book = Phrases().of(language)
    assert set(book.texts) <= known
    assert book.stderr <= known | {"all", "startup", "stopping", "background"}
    assert all((item.every > 0) + (item.per_hour > 0) + item.collection == 1 for item in book.background)


@pytest.mark.parametrize(
    "language", ["go", "java", "python", "nodejs", "cpp", "rust", "dotnet", "php", "ruby", "other"]
)
def test_clients_report_every_failure_in_their_own_words(language: str) -> None:
    phrases = Phrases()
    lines = {line(phrases.text(language, kind), VALUES, 0.0, 1) for kind in FAILURES}
    assert len(lines) == len(FAILURES)
    assert all(lines)


@pytest.mark.parametrize(
    "language", ["go", "java", "python", "nodejs", "cpp", "rust", "dotnet", "php", "ruby", "other"]
)
def test_a_column_that_is_not_there_is_named(language: str) -> None:
    phrases = Phrases()
    text = line(phrases.text(language, "exception_schema"), VALUES, 0.0, 1)
    assert "state" in text
    assert "column" in text.lower()
    assert text != line(phrases.text(language, "exception"), VALUES, 0.0, 1)


PROGRAMS = ["go", "java", "python", "nodejs", "cpp", "rust", "dotnet", "php", "ruby", "other"]


@pytest.mark.parametrize("language", PROGRAMS)
def test_an_answer_of_another_version_is_told_by_field_and_version(language: str) -> None:
    phrases = Phrases()
    text = line(phrases.text(language, "exception_protocol"), VALUES, 0.0, 1)
    assert re.search("revision_?id", text, re.IGNORECASE)
    assert text != line(phrases.text(language, "exception"), VALUES, 0.0, 1)


@pytest.mark.parametrize("language", PROGRAMS)
@pytest.mark.parametrize("store", ["postgres", "mysql", "redis", "rabbitmq", "minio"])
def test_what_a_store_answers_stands_in_its_clients_line(language: str, store: str) -> None:
    phrases = Phrases()
    for event in ANSWERS:
        answer = phrases.text(store, event)
        if answer:
            template = quoting(phrases.text(language, "answered"), answer)
            text = line(template, VALUES, 0.0, 1)
            said = line(answer, VALUES, 0.0, 1)
            assert said in (json.loads(text).get("error") or json.loads(text)["err"] if text[0] == "{" else text)


@pytest.mark.parametrize("store", ["postgres", "mysql", "mongodb"])
def test_databases_tell_refusals_bad_disks_and_bad_pages_apart(store: str) -> None:
    phrases = Phrases()
    events = ("exception_io", "corrupt", "refused_credentials", "refused_plaintext", "full", "locked")
    texts = [line(phrases.text(store, event), VALUES, 0.0, 1) for event in events]
    assert all(texts)
    assert len(set(texts)) == len(texts)
    assert "nput/output error" in texts[0]


def test_an_unknown_language_has_words() -> None:
    assert Phrases().text("cobol", "access") == Phrases().text("other", "access")


def test_stack_traces_have_many_lines() -> None:
    phrases = Phrases()
    texts = {name: line(phrases.text(name, "exception"), VALUES, 0.0, 1) for name in ("go", "java", "python", "nodejs")}
    assert "goroutine" in texts["go"]
    assert "\nCaused by: " in texts["java"]
    assert "\nTraceback (most recent call last):\n" in texts["python"]
    assert "\n    at " in texts["nodejs"]


def test_times_are_those_of_the_entry() -> None:
    phrases = Phrases()
    entry = LogEntry(0.25, "{clock} {day} {klog} {weblog} {accesslog} {comma}", {"x": 1})
    assert phrases.line(entry) == (
        "1970-01-01T00:00:00.250000Z 1970-01-01 00:00:00.250 0101 00:00:00.250000 1970/01/01 00:00:00 "
        "01/Jan/1970:00:00:00 +0000 1970-01-01 00:00:00,250"
    )
    assert phrases.line(LogEntry(0.25, "plain {text}")) == "plain {text}"


@given(st.floats(0, 4e9), st.sampled_from(sorted(CLOCKS)))
def test_every_clock_tells_every_moment(moment: float, name: str) -> None:
    assert str(CLOCKS[name](moment))


@given(st.integers(0, 2**64 - 1))
def test_ids_are_made_of_the_key(key: int) -> None:
    assert len(trace_id(key)) == len(request_id(key)) == 32
    assert trace_id(key) != request_id(key)
    assert mixed(key) != mixed(key, 1)


def test_a_name_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        line("{colour}", {}, 0.0, 1)
