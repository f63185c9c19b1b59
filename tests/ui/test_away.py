"""The page when there is no assistant yet, and when one comes that has another token."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.cli.processes import children
from aiops.cli.rig import start_page
from aiops.core.server_address import ServerAddress
from aiops.lab.serving import Served
from aiops.server.address import announce
from tests.support.browser import Browsers, need_chromium
from tests.ui.scripted import INCIDENT, TOKEN, Scripted, until_proposal


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_an_assistant_that_comes_later_is_found(tmp_path: Path) -> None:
    need_chromium()
    scripted = Scripted(until_proposal())
    async with Served(scripted.app()) as url, children() as running, Browsers() as browsers:
        link = await start_page(running, tmp_path, 0)
        async with browsers.tab(link) as viewer:
            await viewer.open(f"/incident/{INCIDENT}")
            await viewer.see("The assistant does not answer.")
            await viewer.see("start one with 'aiops serve'")
            announce(tmp_path / "state", ServerAddress(url=url, token="an old token"))
            await viewer.see("a bearer token is needed")
            announce(tmp_path / "state", ServerAddress(url=url, token=TOKEN))
            await viewer.see("Service/shop/cart sends to a port on which nobody listens.")
            await viewer.tab.get_by_text("The assistant does not answer.").wait_for(state="detached")
            await viewer.see("UserErrorRatioHigh: users get errors")
            await viewer.tab.get_by_role("button", name="Approve", exact=True).wait_for()
