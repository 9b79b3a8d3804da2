"""What outlets plan to broadcast, and whom they book for it."""
