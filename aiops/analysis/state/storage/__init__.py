"""Claims, volumes and classes: what does not fit together."""
