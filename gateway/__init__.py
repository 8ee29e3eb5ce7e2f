"""The gateway: one MCP endpoint in front of every server."""
