"""What programs have inside that makes requests wait or fail. Each part lasts from step to step, keyed by its owner,
and only the engine joins it with others.
"""
