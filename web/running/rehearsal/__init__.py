"""练习: simulated residents and clerks, who use a running server through its public pages."""
