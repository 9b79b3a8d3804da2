"""The unit's desk: telling a story step by step, what became of the stories, and confirming those of the chain."""
