"""An incident's timeline in the terminal, event by event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console, Group
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from aiops.cli.terminal import state_text, visible_values
from aiops.core.text import cut

Event = dict[str, Any]

HEAD = 22
"""Columns of the time and the actor in front of an event."""

MOST_SEEN = 120
"""Characters of what an evidence quotes from the cluster; the whole is in `aiops incident show ID --json`."""

OUTCOME_MARKS = {
    "better": ("✓", "green"),
    "unchanged": ("=", "yellow"),
    "worse": ("✗", "red"),
    "cured": ("✓", "yellow"),
}
"""`cured`: the change cured its own cause, and another one stands."""


class Timeline:
    """Prints events as they come; the time in front counts from the first one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start: float | None = None
        self._show: dict[str, Callable[[Event], None]] = {
            "signal": self._signal,
            "transition": self._transition,
            "evidence": self._evidence,
            "diagnosis": self._diagnosis,
            "proposal": self._proposal,
            "verification": self._verification,
            "report": self._report,
        }

    def show(self, event: Event) -> None:
        """Print one event of the public API."""
        event = visible_values(event)
        if self._start is None:
            self._start = event["at"]
        self._show.get(event["kind"], self._line)(event)

    def _print(self, event: Event, mark: Text, text: Text) -> None:
        minutes, seconds = divmod(int(event["at"] - (self._start or 0)), 60)
        head = Text(f"+{minutes:02d}:{seconds:02d} ", style="dim")
        actor = Text(f"{event['actor']:<14.14} ", style="bold")
        self._line_of(head + actor + mark, text)

    def _line_of(self, head: Text, text: Text) -> None:
        """On a terminal the text wraps beside its head; elsewhere (a file, a pipe) an event is one line."""
        if not self._console.is_terminal:
            self._console.print(head + Text(" ") + text, soft_wrap=True)
            return
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_column(no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(head, text)
        self._console.print(row)

    def _line(self, event: Event) -> None:
        self._print(event, Text("·", style="dim"), Text(event["text"]))

    def _signal(self, event: Event) -> None:
        resolved = event["data"].get("resolved")
        self._print(event, Text("●", style="green" if resolved else "red"), Text(event["text"]))

    def _transition(self, event: Event) -> None:
        to = state_text(event["data"]["to"])
        self._print(event, Text("→", style="dim"), to + Text(f"  {event['text']}", style="dim"))

    def _evidence(self, event: Event) -> None:
        score = event["data"]["score"]
        style = "red" if score >= 0.8 else "yellow" if score >= 0.4 else "dim"
        text = Text.assemble(f"[{event['data']['id']}] {event['text']} ", (_seen(event["data"]), "dim"))
        self._print(event, Text("▪", style=style), text)

    def _diagnosis(self, event: Event) -> None:
        diagnosis = event["data"]
        lines = [Text(diagnosis["summary"])]
        lines += [_cause(cause) for cause in diagnosis["root_causes"][:1]]
        others = diagnosis["ruled_out"]
        lines += [Text(f"also looked at: {_subject(r['subject'])}: {r['reason']}", style="dim") for r in others[:3]]
        if len(others) > 3:
            lines.append(Text(f"and {len(others) - 3} more", style="dim"))
        lines += [Text(f"not seen: {text}", style="dim") for text in diagnosis["missing"]]
        self._console.print(Panel(Group(*lines), title="diagnosis", title_align="left", border_style="cyan"))

    def _proposal(self, event: Event) -> None:
        action = event["data"]["action"]
        proposal = action["proposal"]
        head = Text.assemble(
            (f"{proposal['tool']} ", "bold"), _subject(proposal["target"]), (f"   risk {action['risk']}", "dim")
        )
        why = Text(f"{proposal['reason']}\nexpected: {proposal['expected_effect']}")
        diff = Syntax(action["diff"], "diff", background_color="default", word_wrap=True)
        body = Group(head, why, Padding(diff, (1, 0, 0, 0)))
        self._console.print(Panel(body, title="proposed change", title_align="left", border_style="yellow"))

    def _verification(self, event: Event) -> None:
        mark, style = OUTCOME_MARKS["cured" if event["data"].get("cured") else event["data"]["outcome"]]
        self._print(event, Text(mark, style=style), Text(event["text"]))
        for check in event["data"]["checks"]:
            mark, style = OUTCOME_MARKS[check["outcome"]]
            head = Text.assemble(" " * HEAD, (mark, style))
            self._line_of(head, Text.assemble(f"{check['name']}: ", (check["summary"], "dim")))

    def _report(self, event: Event) -> None:
        self._console.print(Panel(Markdown(event["text"]), title="report", title_align="left", border_style="green"))


def _cause(cause: dict[str, Any]) -> Text:
    """The best explanation: which object, what is wrong with it, how sure."""
    return Text.assemble(
        (_subject(cause["subject"]), "bold"),
        "  ",
        (cause["mechanism"] or "mechanism unknown", "magenta"),
        f"  {cause['confidence']:.0%}",
    )


def _seen(evidence: dict[str, Any]) -> str:
    """What was measured, on one line, and what it was before."""
    seen = " ".join(evidence["observed"].split())
    if seen in evidence["summary"]:  # "created", where the sentence says so already
        return ""
    seen = cut(seen, MOST_SEEN)
    return f"{seen} (before: {evidence['baseline']})" if evidence["baseline"] else seen


def _subject(subject: dict[str, Any]) -> str:
    if "source" in subject:
        return f"{_subject(subject['source'])} -> {_subject(subject['target'])}"
    return f"{subject['kind']}/{subject['namespace']}/{subject['name']}"
