"""What the world gets: the files, the dataset card, and what stands in the way of a release."""
