"""Workbenches on a server: the projects, their tasks, settings, members and seals."""
