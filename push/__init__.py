"""通知: getting the right word to a device at the right time, or none. Knows the domain only."""
