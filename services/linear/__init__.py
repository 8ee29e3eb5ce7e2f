"""The MCP server for Linear: the contract's tasks and people, and Linear's own jobs."""
