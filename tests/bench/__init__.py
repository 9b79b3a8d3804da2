"""What the hub costs, as ratios from one run: `python -m tests.bench`. Nothing here is a test."""
