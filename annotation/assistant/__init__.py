"""The assistant that answers authors while they write, and the connection limits of its port."""
