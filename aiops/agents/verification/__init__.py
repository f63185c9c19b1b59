"""Did it get well: the checks after a change, and whether trouble passed by itself."""
