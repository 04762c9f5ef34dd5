"""A campaign's settings: campaign.toml, how a campaign starts, its glossary, and the people behind its codes."""

FILE = "campaign.toml"
"""The file that makes a folder or an address a campaign."""
