"""质询 on the web: how residents ask, what everyone reads, and what the office does."""
