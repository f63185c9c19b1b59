"""What can be run in a container: a small table of programs that answer from the model, and no shell.

A program is a function from what it sees (`Inside`) and its arguments to an `ExecResult`. Text is bounded.
"""
