"""Pictures of text: pages drawn from items in any script, with the place of every word on them."""
