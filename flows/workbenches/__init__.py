"""What workbenches show: their pages, the guidelines in force and when, and what became of finished work."""
