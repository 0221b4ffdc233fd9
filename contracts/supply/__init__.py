"""Where jobs to cancel come from: the mock's control API, the vendor's own create, a pool file, a command."""
