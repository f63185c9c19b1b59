"""Plain elements. Everything that the page shows is made here, and all text goes in as a text node."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from aiops.ui.words import plain

Handler = Callable[[], Awaitable[None] | None]


def box(tag: str = "div", classes: str = "", **attributes: Any) -> Element:
    """An element to put others into. `aria_label="x"` becomes the attribute `aria-label`; None leaves one out."""
    element = Element(tag)
    _dress(element, classes, attributes)
    return element


def text(content: Any, tag: str = "span", classes: str = "", **attributes: Any) -> TextElement:
    """An element that holds `content` as text, whatever it is."""
    element = TextElement(tag=tag, text=plain(content))
    _dress(element, classes, attributes)
    return element


def link(content: Any, href: str, classes: str = "", **attributes: Any) -> TextElement:
    """A link within this page. Raises `ValueError` for any other: nothing here leads to another host."""
    if not href.startswith(("/", "#")) or href.startswith(("//", "/\\")):
        raise ValueError(f"not a link within the page: {href!r}")
    return text(content, "a", classes, href=href, **attributes)


def button(label: str, handler: Handler, classes: str = "", **attributes: Any) -> TextElement:
    element = text(label, "button", f"button {classes}", type="button", **attributes)
    element.on("click", lambda _: handler(), args=[])
    return element


def chip(label: Any, tone: str = "", **attributes: Any) -> TextElement:
    """A short label in the colour of `tone`: good, warn, bad, busy, or plain."""
    return text(label, classes=f"chip {tone}", **attributes)


def heading(label: str, note: str = "", level: str = "h2") -> None:
    with box("div", "heading"):
        text(label, level)
        if note:
            text(note, classes="muted")


def notice(content: Any, tone: str = "") -> TextElement:
    """A message that a screen reader speaks when it appears."""
    return text(content, "p", f"notice {tone}", role="alert" if tone == "bad" else "status")


def _dress(element: Element, classes: str, attributes: dict[str, Any]) -> None:
    if classes:
        element.classes(classes)
    for name, value in attributes.items():
        if value is not None:
            element.props[name.rstrip("_").replace("_", "-")] = value
