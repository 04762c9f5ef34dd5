"""The layers of an audit: those that it can run, and those that train on the heuristics or a model."""
