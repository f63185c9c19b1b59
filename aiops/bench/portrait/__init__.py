"""What a kind of fault looks like, and what mends it, in words that two kinds can be compared by.

Names of objects are left out: an object is told by its kind, and by whether it is the one at fault. So are numbers that
depend on what was drawn, and what comes and goes when nothing is wrong.
"""
