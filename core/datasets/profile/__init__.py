"""What a table holds, counted on all its rows: distributions, what is missing, what goes together, what is odd."""
