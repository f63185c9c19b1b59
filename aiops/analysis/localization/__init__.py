"""Where trouble began: metrics, logs, spans and changes of many entities to one ranking of these entities.

Entities are numbers here; what they are called, and in which order rows and columns come, changes nothing.
"""
