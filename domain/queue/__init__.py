"""排队: numbers taken, people called, and how long it all took."""
