"""The Guide's figures: numbers in; a chart, the same numbers as a table, and a sentence out. Pure functions, a file a part of
the story: network, learning, codes, scores, and formulas, which need no run."""
