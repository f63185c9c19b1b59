"""The form of an answer that an Accept header asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.encoding.negotiation import JSON, PLAIN, YAML, Form, accepted, form_of_objects
from aiops.lab.kube.errors import ApiError

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", PLAIN),
        ("*/*", PLAIN),
        ("application/json", PLAIN),
        ("application/yaml", Form(YAML)),
        ("text/html, application/json;q=0.5", PLAIN),
        ("application/json;q=0.5, application/yaml", Form(YAML)),
        (TABLE, Form(JSON, "Table", "meta.k8s.io", "v1")),
        (f"{TABLE},application/json", Form(JSON, "Table", "meta.k8s.io", "v1")),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", PLAIN),
    ],
)
def test_the_first_form_that_there_is(header: str, form: Form) -> None:
    assert form_of_objects(header) == Form(form.media, form.kind, form.group, form.version)


@pytest.mark.parametrize(
    ("header", "why"),
    [("text/html", "406: Not Acceptable"), (TABLE.replace("Table", "Thing"), "only the following media types")],
)
def test_forms_that_there_are_not(header: str, why: str) -> None:
    with pytest.raises(ApiError, match=why) as refused:
        form_of_objects(header)
    assert refused.value.status == 406


@given(st.text(max_size=30))
def test_any_header_is_understood_or_refused(header: str) -> None:
    assert isinstance(accepted(header), list)
