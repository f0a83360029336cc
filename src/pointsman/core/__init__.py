"""Values and ports that every other layer speaks in; standard library only."""
