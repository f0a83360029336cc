"""Calling services on the network: one client, one taxonomy of faults, circuits, quotas."""
