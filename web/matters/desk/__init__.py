"""The side of a matter for the people who answer."""
