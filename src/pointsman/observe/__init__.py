"""How well decisions do on labelled messages: reading them, measuring, and showing the result."""
