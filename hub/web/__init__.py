"""The door for people at desks: signing in, the unit's, the editor's and the outlet's desk, administration."""
