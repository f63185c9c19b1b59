"""Answers: JSON as short as can be or for people to read, and YAML."""

from __future__ import annotations

from typing import Any

import orjson
import yaml
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from aiops.lab.kube.encoding.negotiation import JSON, YAML, accepted

_READERS = ("curl/", "Wget/", "Mozilla/")
"""Programs whose users read what they get, so it is indented for them."""

_FALSE = ("0", "f", "F", "false", "FALSE", "False")


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE), status_code=status, media_type=JSON)


def presented(request: Request, response: Response) -> Response:
    """The answer as YAML or indented, where the client asks for that."""
    if response.headers.get("content-type") != JSON or isinstance(response, StreamingResponse):
        return response
    forms = accepted(request.headers.get("accept", ""), (JSON, YAML))
    if forms and forms[0].media == YAML:
        response.body = _yaml(orjson.loads(response.body))
        response.headers["content-type"] = YAML
    elif _pretty(request):
        response.body = orjson.dumps(orjson.loads(response.body), option=orjson.OPT_INDENT_2)
    else:
        return response
    response.headers["content-length"] = str(len(response.body))
    return response


def _yaml(value: Any) -> bytes:
    text = yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True)
    return str(text).encode()


class _Dumper(yaml.SafeDumper):
    """Without aliases: an object that stands twice is written twice."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _pretty(request: Request) -> bool:
    wanted = request.query_params.get("pretty")
    if wanted is not None:
        return wanted not in _FALSE
    return request.headers.get("user-agent", "").startswith(_READERS)
