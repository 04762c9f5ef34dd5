"""What all pages share: label configurations, the strict reading of a submitted form, terms and sentences."""
