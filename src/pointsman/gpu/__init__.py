"""The card: who may be in its memory, decided by pure functions and carried out by one owner."""
