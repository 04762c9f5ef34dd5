"""Reports for people, and how their pictures look."""
