"""More than one thing at once."""
