"""Hourglass side by side with its peers, in one run: `make bench`. Figures are kept in benchmarks/results/."""
