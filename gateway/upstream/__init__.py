"""How the gateway speaks to MCP servers."""
