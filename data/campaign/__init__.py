"""What a campaign is set to: campaign.toml, how one starts, its glossary, and who is behind its codes."""

FILE = "campaign.toml"
"""The file that makes a folder or an address a campaign."""
