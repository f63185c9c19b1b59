"""What can go wrong with a model."""

from __future__ import annotations

from aiops.core.errors import AiopsError


class ModelError(AiopsError):
    """A model gave no usable reply: no answer, an error, or a reply that is not what was asked for."""


class BudgetSpentError(ModelError):
    """The tokens that are left do not suffice for this call."""
