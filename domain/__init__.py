"""What a community is and does. Knows nothing of HTTP, pages or devices."""
