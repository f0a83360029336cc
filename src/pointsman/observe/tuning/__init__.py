"""Finds calibration and bars for a stated share of errors, from labelled messages; pure but for asking the tiers."""
