"""The last stage of the river: what the hub sends out by itself, signed, retried, and never to an inner network."""
