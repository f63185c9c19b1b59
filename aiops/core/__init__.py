"""The vocabulary of the project. No I/O, no imports from our other packages."""
