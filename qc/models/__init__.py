"""Learners that look for shortcuts in partial inputs: the only importer of torch and transformers."""
