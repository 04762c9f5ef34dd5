"""What scores an item's options from a picture: our model, or one that transformers opens."""
