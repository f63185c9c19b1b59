"""The data plane of a lab, behind the admin token of its control address; implements `core.target.DataPlane`."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import orjson

from aiops.clients.transport import JSON, BearerAuth, HttpService, Retry
from aiops.core.disturbance import Disturbance
from aiops.core.errors import InvalidInputError, NotPossibleError, ServiceError
from aiops.core.target import Standing

_NOBODY, _MALFORMED = 400, 422
"""How the lab answers where nobody would feel a disturbance, and where it makes no sense."""


class LabPlane:
    """`url` is the lab's control address."""

    def __init__(
        self,
        url: str,
        *,
        token: str,
        transport: httpx2.AsyncBaseTransport | None = None,
        retry: Retry | None = None,
    ) -> None:
        self._http = HttpService("the lab", url, auth=BearerAuth(token), transport=transport, retry=retry)

    async def close(self) -> None:
        await self._http.close()

    async def begin(self, disturbance_id: str, disturbance: Disturbance) -> None:
        headers = httpx2.Headers({"Content-Type": JSON})
        body = orjson.dumps(disturbance.model_dump(mode="json"))
        try:
            await self._http.send("PUT", f"/disturbances/{disturbance_id}", content=body, headers=headers)
        except ServiceError as error:
            if error.status == _NOBODY:
                raise NotPossibleError(str(error)) from error
            if error.status == _MALFORMED:
                raise InvalidInputError(str(error)) from error
            raise

    async def end(self, disturbance_id: str) -> bool:
        answer = self._http.decoded(await self._http.send("DELETE", f"/disturbances/{disturbance_id}"))
        return bool(answer["ended"])

    async def feels(self, disturbance: Disturbance) -> bool:
        headers = httpx2.Headers({"Content-Type": JSON})
        body = orjson.dumps(disturbance.model_dump(mode="json"))
        return bool(
            self._http.decoded(await self._http.send("POST", "/disturbances", content=body, headers=headers))["felt"]
        )

    async def reliance(self) -> Mapping[str, float]:
        return {name: float(share) for name, share in (await self._http.get_json("/reliance")).items()}

    async def standing(self) -> Mapping[str, Standing]:
        answer = await self._http.get_json("/disturbances")
        return {name: Standing.model_validate(entry) for name, entry in answer.items()}
