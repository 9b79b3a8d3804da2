"""Organizations, press agencies, and the keys that say who is asking."""
