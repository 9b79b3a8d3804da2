"""The regulation as data: its editions, their clauses and working days, and what is wrong with a draft."""
