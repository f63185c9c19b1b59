"""Disruption budgets: how many of which pods may be taken away."""
