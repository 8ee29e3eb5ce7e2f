"""Asana as an MCP server: tasks, projects, people."""
