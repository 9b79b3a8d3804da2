"""WebSub: who is pushed which topic, what is due, and the sender that pushes it."""
