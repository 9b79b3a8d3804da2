"""The regulation: what may happen to a story, who may do it, and what a release must hold to."""
