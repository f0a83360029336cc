"""A day on one card, played without a card: traces, policies, and what each of them makes of the same day."""
