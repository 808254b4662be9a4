"""Forms computed from the shapes of documents, and what was typed into them."""
