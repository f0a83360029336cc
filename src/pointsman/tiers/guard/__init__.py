"""Notices messages that try to steer the router or the model, and finds what they ask for beside that."""
