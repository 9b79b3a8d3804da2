"""The door for the world: feeds, the pages that explain them, public stories, pictures, health."""
