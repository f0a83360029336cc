"""The page: try a message, and see what was decided and why."""
