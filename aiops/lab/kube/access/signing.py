"""JSON Web Tokens and the key that signs them. The key comes from the cluster's secret, so equal labs sign equally."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_HALF = 32
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256: private keys are numbers below it."""


def private_key(secret: bytes, purpose: str) -> ec.EllipticCurvePrivateKey:
    """A key on P-256 for one purpose."""
    digest = hashlib.sha512(secret + purpose.encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest) % (_ORDER - 1) + 1, ec.SECP256R1())


class Signer:
    """Signs and reads tokens (RFC 7519) with ES256."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        numbers = key.public_key().public_numbers()
        self._x, self._y = (_text(number.to_bytes(_HALF)) for number in (numbers.x, numbers.y))
        self.key_id = _text(hashlib.sha256(f"{self._x}.{self._y}".encode()).digest())

    def sign(self, claims: dict[str, Any]) -> str:
        head = _text(orjson.dumps({"alg": "ES256", "kid": self.key_id}))
        body = f"{head}.{_text(orjson.dumps(claims))}"
        der = self._key.sign(body.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return f"{body}.{_text(r.to_bytes(_HALF) + s.to_bytes(_HALF))}"

    def read(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that this key signed, else None."""
        try:
            head, payload, mark = token.split(".")
            raw = _bytes(mark)
            signature = encode_dss_signature(int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:]))
            self._key.public_key().verify(signature, f"{head}.{payload}".encode(), ec.ECDSA(SHA256()))
            claims = orjson.loads(_bytes(payload))
        except (ValueError, InvalidSignature):
            return None
        return claims if isinstance(claims, dict) else None

    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set (RFC 7517) with which anybody checks a token."""
        key = {"use": "sig", "kty": "EC", "kid": self.key_id, "crv": "P-256", "alg": "ES256"}
        return {"keys": [{**key, "x": self._x, "y": self._y}]}


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
