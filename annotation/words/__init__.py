"""What pages say to people, in their language: catalogues of translations, and what is translated by them."""
