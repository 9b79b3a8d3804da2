"""`hub verify`: what was written, against what the journal tells, part by part."""
