"""How callers protect themselves and what they hold open: each part lasts from step to step and limits calls."""
