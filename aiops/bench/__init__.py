"""Scenarios, runner, oracles, scorers, baselines and reports."""
