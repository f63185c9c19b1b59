"""The types of all fields of all kinds."""
