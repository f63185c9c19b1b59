"""Compiling and running one expression."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from aiops.lab.kube.expressions.budget import present_budget
from aiops.lab.kube.expressions.costs import MOST_STEPS, steps_of
from aiops.lab.kube.expressions.functions import FUNCTIONS

if TYPE_CHECKING:
    import cel

LONGEST = 8192
"""Characters of an expression: very long chains of operators overflow the stack of cel-rust, and end the process."""

_OF_PYTHON = re.compile(r"Function '\w+' error: Python function call failed: \w+: (.*)\. Check function.*", re.DOTALL)
_UNKNOWN = "Undefined variable or function: "


class ExpressionError(Exception):
    """An expression that cannot be judged, in the words of cel-go where it has some."""


class UnknownNameError(ExpressionError):
    """An expression that calls what this lab lacks: nobody can say what it would give, so nothing may pass by it."""


class OverBudgetError(ExpressionError):
    """An expression that comes after others have used up what their request may cost."""

    def __init__(self) -> None:
        super().__init__("validation failed due to running out of cost budget, no further validation rules will be run")


@lru_cache(maxsize=1)
def _language() -> ModuleType:
    """The package, loaded when it is needed first: that takes 0.4 s, and few labs see an expression."""
    import cel

    # what a function refuses is told to whoever writes the object
    logging.getLogger("cel").setLevel(logging.ERROR)
    return cel


@lru_cache(maxsize=2048)
def compiled(text: str) -> cel.Program:
    """The program of an expression. Raises ExpressionError for a wrong syntax, and for one that is too long."""
    if len(text) > LONGEST:
        raise ExpressionError(f"compilation failed: expression is longer than {LONGEST} characters")
    try:
        program: cel.Program = _language().compile(text)
    except ValueError as error:
        found = str(error).partition("': ")[2] or str(error)
        raise ExpressionError(f"compilation failed: {found}") from error
    return program


def evaluate(text: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression. Raises ExpressionError; OverBudgetError where its request has cost enough."""
    program = compiled(text)
    _pay(text, variables)
    context = _language().Context(variables=dict(variables), functions=FUNCTIONS)
    try:
        return program.execute(context)
    except KeyError as error:
        raise ExpressionError(f"no such key: {error.args[0].strip(chr(39))}") from error
    except IndexError as error:
        raise ExpressionError(str(error)) from error
    except ZeroDivisionError as error:
        raise ExpressionError("division by zero") from error
    except TypeError as error:
        raise ExpressionError("no such overload") from error
    except (RuntimeError, ValueError, OverflowError) as error:
        raise _told(str(error)) from error


def _pay(text: str, variables: Mapping[str, Any]) -> None:
    budget = present_budget()
    if budget.left <= 0:
        raise OverBudgetError
    steps = steps_of(text, variables)
    if steps > MOST_STEPS:
        raise ExpressionError("operation cancelled: actual cost limit exceeded")
    if not budget.spend(steps):
        raise OverBudgetError


def _told(message: str) -> ExpressionError:
    """Functions that are missing here are named as such: an object is refused for them, so its author must know."""
    if message.startswith(_UNKNOWN):
        name = message.removeprefix(_UNKNOWN).partition(".")[0]
        return UnknownNameError(f"undeclared reference to {name}, which this lab does not know")
    found = _OF_PYTHON.fullmatch(message)
    return ExpressionError(found[1] if found else message.partition(". Check ")[0])


def moment(seconds: float) -> Any:
    """A time of unix seconds, as the language has it."""
    return datetime.fromtimestamp(seconds, UTC)


def duration(text: str) -> Any:
    """A length of time written as Go writes it. Raises ExpressionError."""
    return evaluate("duration(text)", {"text": text})


def optional(value: Any | None) -> Any:
    """A value that may be missing, as the language has it."""
    kind = _language().OptionalValue
    return kind.none() if value is None else kind.of(value)
