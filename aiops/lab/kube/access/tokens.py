"""Tokens of service accounts: issued for a time, audiences and perhaps an object, and valid as long as these are."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.access.user import AUTHENTICATED, Extra, User, service_account
from aiops.lab.kube.objects import uid_of

if TYPE_CHECKING:
    from aiops.lab.kube.access.signing import Signer

ISSUER = "https://kubernetes.default.svc.cluster.local"
AUDIENCE = ISSUER
LEGACY_ISSUER = "kubernetes/serviceaccount"
"""Of the tokens in Secrets, which end with their Secret alone."""

LEEWAY = 60.0
"""Seconds for which a token or what it is bound to counts on after its end."""

_CLAIM = "kubernetes.io"
_LEGACY = "kubernetes.io/serviceaccount"
_LEGACY_FIELDS = ("namespace", "secret.name", "service-account.name", "service-account.uid")
_EXTRA = "authentication.kubernetes.io"
_BOUND = {"pod": "Pod", "secret": "Secret", "node": "Node"}


class InvalidTokenError(Exception):
    """Why a token is refused, in the server's words."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a valid token stands for, and for which audiences it was issued."""

    user: User
    audiences: tuple[str, ...]


class Reader(Protocol):
    """What checking a token needs."""

    secret: bytes

    def now(self) -> float: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


class TokenIssuer:
    """Issues and checks the tokens of one cluster."""

    def __init__(self, cluster: Reader) -> None:
        self._cluster = cluster

    @cached_property
    def signer(self) -> Signer:
        """Made when the first token is, as most labs never see one."""
        from aiops.lab.kube.access.signing import Signer, private_key

        return Signer(private_key(self._cluster.secret, "service-account-tokens"))

    def issue(
        self, account: Manifest, seconds: int, audiences: list[str], bound: dict[str, Manifest], token_id: str
    ) -> str:
        """A token of an account. `bound` has the objects with which it ends, by `pod`, `secret`, `node`."""
        now, metadata = int(self._cluster.now()), account["metadata"]
        place: dict[str, Any] = {
            "namespace": metadata["namespace"],
            "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
        }
        for kind, item in bound.items():
            place[kind] = {"name": item["metadata"]["name"], "uid": item["metadata"]["uid"]}
        return self.signer.sign(
            {
                "aud": audiences,
                "exp": now + seconds,
                "iat": now,
                "iss": ISSUER,
                "jti": token_id,
                _CLAIM: place,
                "nbf": now,
                "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
            }
        )

    def issue_lasting(self, account: Manifest, secret: Manifest) -> str:
        """The token of an account for a Secret of type `kubernetes.io/service-account-token`."""
        metadata = account["metadata"]
        return self.signer.sign(
            {
                "iss": LEGACY_ISSUER,
                f"{_LEGACY}/namespace": metadata["namespace"],
                f"{_LEGACY}/secret.name": secret["metadata"]["name"],
                f"{_LEGACY}/service-account.name": metadata["name"],
                f"{_LEGACY}/service-account.uid": metadata["uid"],
                "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
            }
        )

    def user(self, token: str) -> User | None:
        """The user of a token for this API server; None where it is not valid."""
        try:
            identity = self.identify(token)
        except InvalidTokenError:
            return None
        return identity.user if identity is not None and AUDIENCE in identity.audiences else None

    def identify(self, token: str) -> Identity | None:
        """Whom a token stands for; None for one that is not ours. Raises InvalidTokenError for one no longer valid."""
        if token.count(".") != 2:
            return None
        claims = self.signer.read(token)
        if claims is not None and claims.get("iss") == LEGACY_ISSUER:
            return self._of_secret(token, claims)
        if claims is None or claims.get("iss") != ISSUER:
            return None
        now = self._cluster.now()
        if now > claims["exp"] + LEEWAY:
            raise InvalidTokenError("service account token has expired")
        place = claims[_CLAIM]
        namespace, account = place["namespace"], place["serviceaccount"]
        self._check_account(namespace, account, now)
        for field, kind in _BOUND.items():
            if field in place and not (field == "node" and "pod" in place):
                self._check_bound(kind, "" if kind == "Node" else namespace, place[field], now)
        user = service_account(namespace, account["name"], account["uid"], _extra(claims["jti"], place))
        user = User(user.name, (*user.groups, AUTHENTICATED), user.uid, user.extra)
        return Identity(user, tuple(claims["aud"]))

    def _of_secret(self, token: str, claims: dict[str, str]) -> Identity:
        """Whom a token in a Secret stands for, as long as it stands there."""
        namespace, secret_name, name, uid = (claims[f"{_LEGACY}/{field}"] for field in _LEGACY_FIELDS)
        secret = self._cluster.find("Secret", namespace, secret_name)
        if secret is None or secret["metadata"].get("deletionTimestamp"):
            raise InvalidTokenError("Token has been invalidated")
        if (secret.get("data") or {}).get("token") != b64encode(token.encode()).decode():
            raise InvalidTokenError("Token does not match server's copy")
        self._check_account(namespace, {"name": name, "uid": uid}, self._cluster.now())
        user = service_account(namespace, name, uid)
        return Identity(User(user.name, (*user.groups, AUTHENTICATED), uid), (AUDIENCE,))

    def _check_account(self, namespace: str, account: dict[str, str], now: float) -> None:
        found = self._cluster.find("ServiceAccount", namespace, account["name"])
        if found is None:
            raise InvalidTokenError(f'serviceaccounts "{account["name"]}" not found')
        if uid_of(found) != account["uid"]:
            what = f"service account UID ({uid_of(found)}) does not match claim ({account['uid']})"
            raise InvalidTokenError(what)
        if _gone(found, now):
            raise InvalidTokenError(f"service account {namespace}/{account['name']} has been deleted")

    def _check_bound(self, kind: str, namespace: str, bound: dict[str, str], now: float) -> None:
        found = self._cluster.find(kind, namespace, bound["name"])
        if found is None or _gone(found, now):
            raise InvalidTokenError("service account token has been invalidated")
        if uid_of(found) != bound["uid"]:
            claim = f"service account {kind.lower()} ref claim ({bound['uid']})"
            raise InvalidTokenError(f"{kind.lower()} UID ({uid_of(found)}) does not match {claim}")


def _gone(manifest: Manifest, now: float) -> bool:
    moment = manifest["metadata"].get("deletionTimestamp")
    return moment is not None and from_rfc3339(moment) < now - LEEWAY


def _extra(token_id: str, place: dict[str, Any]) -> Extra:
    found = {f"{_EXTRA}/credential-id": (f"JTI={token_id}",)}
    for kind in ("node", "pod"):
        if kind in place:
            found[f"{_EXTRA}/{kind}-name"] = (place[kind]["name"],)
            found[f"{_EXTRA}/{kind}-uid"] = (place[kind]["uid"],)
    return tuple(sorted(found.items()))
