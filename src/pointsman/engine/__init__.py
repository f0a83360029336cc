"""A decision in, a stream of events out."""
