"""One remedy a file: what to change for a mechanism when what was there before is not known."""
