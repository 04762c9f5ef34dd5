"""Page images from a set of items: the course, its pieces on disk, the contact sheet and the card."""
