"""What servers have against clients, one reason after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.apps.program import Program
from aiops.lab.ports import ContainerStart
from aiops.lab.traffic.callgraph.admitting import Refusal, refusal
from aiops.lab.traffic.processes.process import Plight, Process

STORE = Program(
    role="store",
    language="minio",
    protocol="s3",
    image="minio",
    versions=("1",),
    port=9000,
    password_variable="STORE_PASSWORD",
)
GOOD = {"PASSWORD": "right", "USER": "app", "TLS": "on"}


def _process(program: Program, env: Mapping[str, str], plight: Plight) -> Process:
    pod = {"metadata": {"name": "a-0", "namespace": "shop"}, "spec": {}}
    start = ContainerStart(id="a", pod=pod, name="a", image="a:1", started_at=0.0, env=dict(env))
    return Process(start, "a", program, listens_at=0.0, plight=plight)


def _store(**plight: Any) -> Process:
    return _process(STORE, {"STORE_PASSWORD": "right"}, Plight(**plight))


def _client(env: Mapping[str, str] = GOOD, offset: float = 0.0) -> Process:
    return _process(Program(language="go", image="a", versions=("1",), port=80), env, Plight(clock_offset=offset))


def test_who_has_what_it_takes_is_taken() -> None:
    assert refusal(_client(), _store()) is None
    assert refusal(_client(), _store(encrypted=({"TLS": "on"},))) is None
    assert refusal(_client(), _store(refused=("other",))) is None
    assert refusal(_client(offset=899.0), _store()) is None


def test_each_reason_has_its_name() -> None:
    assert refusal(_client({"PASSWORD": "wrong"}), _store()) is Refusal.CREDENTIALS
    assert refusal(_client(), _store(refused=("app",))) is Refusal.USER
    assert refusal(_client(), _store(refused=("",))) is Refusal.USER
    assert refusal(_client(offset=-1000.0), _store()) is Refusal.CLOCK
    assert refusal(_client(), _store(encrypted=({},))) is Refusal.PLAINTEXT
    assert refusal(_client({"PASSWORD": "right"}), _store(encrypted=({"TLS": "on"},))) is Refusal.PLAINTEXT


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.sampled_from(["right", "app", "on", "x"])), st.booleans())
def test_who_does_not_speak_tls_is_not_asked_for_more(env: dict[str, str], refuses_all: bool) -> None:
    server = _store(encrypted=({"TLS": "on"},), refused=("",) if refuses_all else ())
    found = refusal(_client(env), server)
    if env.get("TLS") != "on":
        assert found is Refusal.PLAINTEXT
    elif refuses_all:
        assert found is Refusal.USER
    else:
        assert found is (None if "right" in env.values() else Refusal.CREDENTIALS)
