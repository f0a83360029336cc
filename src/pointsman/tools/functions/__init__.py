"""Python functions of the user's own, and of plugins, as tools."""
