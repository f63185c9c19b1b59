"""Where on-call lives: receivers of messages about incidents. Each gets what was redacted already."""
