"""What an audit runs: the layers that there are, and those that train on the heuristics or a model."""
