"""The formats in which agencies and their programs exchange work: XLIFF 1.2 for texts, TMX 1.4b for memories."""
