"""Makes the figures and models that ship with Pointsman from labelled data."""
