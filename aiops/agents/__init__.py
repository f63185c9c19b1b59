"""Specialists, one file each: what it is for, its tools, what it returns. Never sees faults, lab or bench."""
