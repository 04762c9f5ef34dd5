"""The contamination passport of a release: what probes could see of each item, and where texts of it stand."""
