"""Lines by LogQL, from the lab's Loki."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aiops.clients.loki import LokiClient
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.tools.search_logs import MOST_TEXT, search_logs


def _window(lab) -> Window:
    return Window(start=lab.world.now - 60, end=lab.world.now)


async def test_lines_of_a_query(lab):
    found = await search_logs(lab.ctx, '{namespace="hotel", app="frontend"} | json | level="info"', _window(lab), 5)
    assert len(found.lines) == 5
    assert found.left_out > 0
    assert found.no_data is None
    assert [line.time for line in found.lines] == sorted(line.time for line in found.lines)
    assert {line.labels["app"] for line in found.lines} == {"frontend"}
    assert found.lines[0].labels.keys() == {"namespace", "app", "pod", "container", "stream", "level", "detected_level"}


async def test_lines_of_other_namespaces_are_not_shown(lab):
    found = await search_logs(lab.ctx, '{namespace=~".+"}', _window(lab), 1000)
    assert {line.labels["namespace"] for line in found.lines} <= {"hotel", "ingress-nginx"}
    hidden = await search_logs(replace(lab.ctx, namespaces=("elsewhere",)), '{namespace="hotel"}', _window(lab))
    assert hidden.lines == ()
    assert "may not be looked at" in hidden.no_data
    nameless = await search_logs(lab.ctx, '{namespace="hotel"} | keep pod', _window(lab))
    assert nameless.lines == ()


async def test_what_is_missing_is_said(lab):
    window = _window(lab)
    assert (await search_logs(replace(lab.ctx, logs=None), "{", window)).no_data == "no Loki is configured"
    assert "no line matches" in (await search_logs(lab.ctx, '{namespace="hotel"} |= "no such words"', window)).no_data
    down = replace(lab.ctx, logs=LokiClient.at("http://127.0.0.1:9"))
    assert "Loki at http://127.0.0.1:9 did not answer" in (await search_logs(down, "{", window)).no_data


@pytest.mark.parametrize("logql", ["{", '{namespace="hotel"} | nonsense', 'rate({namespace="hotel"}[1m])'])
async def test_a_wrong_query_may_be_tried_again(lab, logql):
    with pytest.raises(RetryWithOtherArgumentsError):
        await search_logs(lab.ctx, logql, _window(lab))


async def test_long_lines_are_cut(lab):
    long = '{namespace="hotel", app="frontend"} | line_format "{{.app}} ' + "word " * 400 + '"'
    found = await search_logs(lab.ctx, long, _window(lab), 1)
    assert len(found.lines[0].text) <= MOST_TEXT + 1
