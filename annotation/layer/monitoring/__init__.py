"""What the server tells of itself to monitoring: whether it works, and metrics for Prometheus."""
