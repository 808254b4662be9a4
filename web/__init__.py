"""The pages: routes, forms, streams and the command line. Knows push and domain."""
