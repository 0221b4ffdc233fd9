"""The mock's own API under `/__mock__`: documented in `specs/control`, served by the same layers as a vendor's."""
