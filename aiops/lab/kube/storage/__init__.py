"""Where objects are kept: the store, its history, and watches of it."""
