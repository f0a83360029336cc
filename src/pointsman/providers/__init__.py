"""The outward edges: what runs a model, and where its files come from."""
