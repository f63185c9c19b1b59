"""The command line: thin; each command is one file."""
