"""Campaigns that a program plays on real servers, in a sandbox: the demo and rehearsals."""
