"""Stories from a table: a row is a story."""
