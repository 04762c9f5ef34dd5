"""Simulated campaigns on real servers, in a sandbox: the demo and rehearsals."""
