"""One module a step, each named after the version it leads to."""
