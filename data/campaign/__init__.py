"""A campaign's settings: campaign.toml, how a campaign starts, its glossary, and the people behind its codes."""
