"""The incident state machine, its state, approvals and journal. Never sees faults, lab or bench."""
