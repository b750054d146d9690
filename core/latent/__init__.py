"""What can be done in the space of codes: drawing new ones."""
