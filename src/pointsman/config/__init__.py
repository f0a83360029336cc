"""Configuration: YAML, environment and flags, validated with file:line and a cure."""
