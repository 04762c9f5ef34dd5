"""The work of `belebele read`: a model answers items from pictures, and from what stands beside them."""
