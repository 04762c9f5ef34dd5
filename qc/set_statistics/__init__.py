"""The statistics of an audit: permuted keys, folds, bounds, certificates, sensitivity; no model."""
