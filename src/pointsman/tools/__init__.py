"""Tools that models may call: what ships, and the ways to bring your own."""
