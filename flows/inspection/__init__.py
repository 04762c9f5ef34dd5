"""Inspection of the servers: what anybody with an account there could have changed."""
