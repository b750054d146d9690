"""Files in, Dataset out: reading, kinds, keys, typed cells, encoding, samples. Knows no torch and no sklearn."""
