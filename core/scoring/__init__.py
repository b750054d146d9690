"""From a trained network to anomaly scores, their split into columns, baselines and evaluation."""

BASELINES = ("PCA", "IsolationForest", "kNN")
