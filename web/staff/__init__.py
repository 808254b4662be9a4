"""The office's side of the house: who works here sees only what they may do."""
