"""What answers authors while they type, and the gate of its port."""
