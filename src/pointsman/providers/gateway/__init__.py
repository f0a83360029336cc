"""A gateway of Pointsman's that runs elsewhere, asked as if it were here."""
