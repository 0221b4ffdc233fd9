"""One claim a module; see `contracts.claim` for what a claim is."""
