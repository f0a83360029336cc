"""MCP servers as toolsets; the sdk is imported when the first server is used."""
