"""The two pages that a browser without a session gets; they hold nothing from outside."""

from __future__ import annotations

_HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>aiops</title>
<link rel="stylesheet" href="/page/closed.css">"""

CLOSED = f"""{_HEAD}</head><body><main>
<h1>This page is closed</h1>
<p>Open the link that <code>aiops page</code> printed in its terminal, or paste the token from it.</p>
<form method="post" action="/session">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" autofocus required>
<button>Open</button>
</form></main></body></html>"""


def again(path: str) -> str:
    """Goes to `path` of this page by a request of our own site."""
    refresh = f'<meta http-equiv="refresh" content="0; url={_local(path)}">'
    return f"{_HEAD}{refresh}</head><body><p>Opening …</p></body></html>"


def _local(path: str) -> str:
    """Letters, digits and `-_.` between slashes; a path that begins with two slashes would name another host."""
    kept = "".join(c for c in path if (c.isascii() and c.isalnum()) or c in "/-_.")
    return "/" + kept.lstrip("/")
