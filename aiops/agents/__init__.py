"""Everything that judges: from a signal to a diagnosis, a proposal and a verdict. Never sees faults, lab or bench.

The specialists of the design, and where each is:

- anomaly detection: `specialists/metrics`, `specialists/calls`, `specialists/load`, `specialists/certificates`
- log analysis: `specialists/logs`; trace analysis: `specialists/traces`
- cluster state: `specialists/cluster_state`; change history: `specialists/changes`
- root cause: `root_cause`, with `second_opinion/` where a model is configured
- remediation: `remedies/`; policy repair: `remedies/policy_repair` and `remedies/rights`

`scoping/` comes before them and `verification/` after; `ask/`, `scan/` and `connect/` work without an incident.
"""
