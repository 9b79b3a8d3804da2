"""Consent at work: what a channel may show of people, and what follows when a person's word goes."""
