"""Who calls, what they may do, and reviews of it."""
