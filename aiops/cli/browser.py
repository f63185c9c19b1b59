"""Opens the page in a person's browser, where there is one."""

from __future__ import annotations

import os
import sys
import webbrowser
from html import escape
from pathlib import Path

from aiops.core.private_file import write_private

FILE = "open-page.html"


def can_open() -> bool:
    """Whether there is a screen that a browser could open on."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def open_page(link: str, directory: Path) -> bool:
    """Open `link` by a file that only its owner can read: a command line, and the token in it, is seen by all users."""
    path = directory / FILE
    write_private(path, f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(link)}">')
    try:
        return webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        return False
