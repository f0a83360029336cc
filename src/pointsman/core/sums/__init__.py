"""Exact sums: arithmetic, units, dates and everyday questions, computed without any model."""
