"""The work of `belebele vision`: a model that reads pictures is described, or trained on rendered pages."""
