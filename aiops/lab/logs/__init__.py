"""What programs write to stdout and stderr: the words of each runtime, and the lines that are kept.

A step of the lab notes only which statement was reached, when, and by what numbers; texts are made when they are read.
"""
