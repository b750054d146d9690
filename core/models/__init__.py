"""Autoencoders: an objective over layers. Specs are light; modules import torch. Knows no datasets."""
