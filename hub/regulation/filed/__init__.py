"""What is told beside stories: pick-ups of outlets, reports and ideas of organizations."""
