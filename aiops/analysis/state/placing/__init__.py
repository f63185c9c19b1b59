"""Why pods find no node: what the scheduler says, what pods ask for, what nodes offer."""
