"""What comes in: read it, check it, clean it, keep it as a version."""
