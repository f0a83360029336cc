"""Who decides what is in the card's memory: ours, and what others do."""
