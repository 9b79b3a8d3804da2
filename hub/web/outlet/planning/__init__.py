"""What a station plans at its desk: the week, programmes, segments with their guests and rundown, and their files."""
