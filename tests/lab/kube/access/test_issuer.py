"""How anybody checks the tokens of service accounts."""

from __future__ import annotations

from typing import Any


async def test_the_keys_and_where_they_are(api: Any) -> None:
    status, found = await api("GET", "/.well-known/openid-configuration")
    assert (status, found["issuer"]) == (200, "https://kubernetes.default.svc.cluster.local")
    assert found["jwks_uri"].endswith("/openid/v1/jwks")
    status, text = await api("GET", "/openid/v1/jwks")
    assert status == 200
    assert '"kty":"EC"' in text
    assert (await api.as_user("bob")("GET", "/openid/v1/jwks"))[0] == 403
    assert (await api("POST", "/openid/v1/jwks", {}))[0] == 405
