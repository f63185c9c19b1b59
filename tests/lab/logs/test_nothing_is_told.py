"""Lines and traces hold what programs and their libraries know, and no word of the model behind them."""

from __future__ import annotations

import re

import orjson

from aiops.lab.jaeger.otlp import traces_data
from aiops.lab.jaeger.views import trace_json
from aiops.lab.logs.phrases import Phrases, languages
from tests.support.worlds import aged

INNER = re.compile(r"(?<![a-z])(disturb\w*|faults?|inject\w*|simulat\w*|seed|scenario|ground.truth|lab)(?![a-z])", re.I)


def test_no_phrase_speaks_of_the_model() -> None:
    phrases = Phrases()
    for language in languages():
        book = phrases.of(language)
        texts = [*book.startup, *book.stopping, *book.texts.values(), *(item.text for item in book.background)]
        assert not [text for text in texts if INNER.search(text)], language


def test_no_line_and_no_trace_of_a_cluster_speaks_of_it() -> None:
    world = aged(300)
    lines = [
        line.text
        for stream in world.container_logs.log_streams()
        for line in world.container_logs.written(stream.container_id, 0.0, world.now)
    ]
    assert len(lines) > 300
    assert not [line for line in lines if INNER.search(line)]
    traces = list(world.traces.newest(world.now))
    assert len(traces) > 50
    told = orjson.dumps([traces_data(traces), *(trace_json(trace) for trace in traces)]).decode()
    assert not INNER.findall(told)
