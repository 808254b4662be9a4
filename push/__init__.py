"""通知: sends the right message to a device at the right time, or none. Knows only the domain."""
