"""Running Python of strangers in a sandbox."""
