"""Evidence of all kinds and the call graph to ranked root causes."""
