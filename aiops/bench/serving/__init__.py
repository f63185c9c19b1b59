"""A scenario behind HTTP and MCP, for agents in any language."""
