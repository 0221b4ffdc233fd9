"""One folder a vendor. The core finds them through `discovery`."""
