"""The steps of an incident's graph, one file each. A step that is repeated after a crash does nothing twice."""
