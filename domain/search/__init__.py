"""Finding a service by the words people use."""
