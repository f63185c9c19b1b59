"""One step of the flow over a call graph, as pure functions of arrays: nothing here lasts from step to step but the
solution itself.
"""
