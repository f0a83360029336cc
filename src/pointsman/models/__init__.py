"""Model files that come with Pointsman; `pointsman train` makes them."""
