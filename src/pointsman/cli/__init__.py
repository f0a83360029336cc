"""The command line: one file a verb; whatever is heavy is imported inside the verb."""
