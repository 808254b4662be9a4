"""The places of one urban district."""
