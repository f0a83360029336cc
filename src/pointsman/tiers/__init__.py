"""Each file one tier: it looks at a message and answers, or abstains and says why."""
