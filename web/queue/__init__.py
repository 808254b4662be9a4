"""取号: taking a number and following it, on a phone."""
