"""Where the trouble of a recording began: columns of metrics, logs, spans and changes to one ranking of the entities.

Statistics of all that was recorded. Entities are numbers here; what they are called, and in which order rows and
columns come, changes nothing.
"""
