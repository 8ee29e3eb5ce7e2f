"""What clients speak to: MCP in both eras."""
