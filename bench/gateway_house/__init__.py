"""The house that bench/gateway.py measures in: an upstream, a bare pass-through, LiteLLM, and the load."""
