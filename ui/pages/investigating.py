"""Starts an investigation without an alert: a person names a namespace."""

from __future__ import annotations

from urllib.parse import quote

from nicegui import context
from nicegui.element import Element

from aiops.core.errors import AiopsError, ServiceError
from aiops.core.namespace import LONGEST
from aiops.ui.api import ServerApi
from aiops.ui.dom import box, heading, notice, text
from aiops.ui.parts import Field


class Investigating:
    """One field and one button; the page of the incident opens when it has begun."""

    def __init__(self, api: ServerApi) -> None:
        self._api = api
        self._client = context.client  # the card is gone once there is an incident
        self._busy = False
        with box("div", "investigate"):
            heading("Look at a namespace now", "an investigation as after an alert; it changes nothing by itself")
            form = box("form", "ask-form")
            form.on("submit.prevent", lambda _: self._start(), args=[])
            with form:
                self._field = Field("Namespace", hint="Namespace", longest=LONGEST)
                self._button = text("Look now", "button", "button", type="submit")
            self._status: Element = box("div", "status")

    async def _start(self) -> None:
        namespace = self._field.value.strip()
        if self._busy:
            return
        if not namespace:
            self._say("Name the namespace to look at.", "warn")
            return
        self._busy = True
        self._button.props["disabled"] = True
        self._say("Starting …")
        try:
            begun = await self._api.request("POST", "/api/investigations", {"namespace": namespace})
        except ServiceError as error:
            self._say(f"Not started: {error}", "warn")
        except AiopsError as error:
            self._say(f"It is not known whether it was started ({error}). Look at the list above first.", "bad")
        else:
            self._client.open(f"/incident/{quote(begun['incidents'][0], safe='')}")
        finally:
            self._busy = False
            if not self._button.is_deleted:
                self._button.props["disabled"] = False

    def _say(self, said: str, tone: str = "") -> None:
        if self._status.is_deleted:
            return
        self._status.clear()
        with self._status:
            notice(said, tone)
