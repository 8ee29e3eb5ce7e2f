"""The MCP servers of the fleet, one package each."""
