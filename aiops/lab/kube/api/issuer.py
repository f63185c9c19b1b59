"""How anybody checks the tokens of service accounts: OpenID Connect discovery, as the API server has it."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from aiops.lab.kube.access.tokens import ISSUER, TokenIssuer
from aiops.lab.kube.errors import method_not_allowed

CONFIGURATION, KEYS = "/.well-known/openid-configuration", "/openid/v1/jwks"


def answer(issuer: TokenIssuer, request: Request) -> Response | None:
    """The answer to one of the two paths; None for any other. Raises 405."""
    path = request.url.path.rstrip("/")
    if path not in (CONFIGURATION, KEYS):
        return None
    if request.method not in ("GET", "HEAD"):
        raise method_not_allowed()
    headers = {"cache-control": "public, max-age=3600"}
    if path == KEYS:
        content = orjson.dumps(issuer.signer.public_keys())
        return Response(content, media_type="application/jwk-set+json", headers=headers)
    found = {
        "issuer": ISSUER,
        "jwks_uri": f"{request.url.scheme}://{request.url.netloc}{KEYS}",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }
    return Response(orjson.dumps(found), media_type="application/json", headers=headers)
