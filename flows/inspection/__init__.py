"""What is looked at on the servers because anybody with an account there could have changed it."""
