"""The scheduler: a node for each pod."""
