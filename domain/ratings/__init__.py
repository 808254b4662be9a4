"""好差评: what people say after a visit, and what the office does about it."""
