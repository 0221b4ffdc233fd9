"""What the vendors promise: hand-written OpenAPI documents, their evidence, and one loader for both sides."""

from specs.lifecycle import state_of
from specs.loading import Spec, SpecError, load, systems

__all__ = ["Spec", "SpecError", "load", "state_of", "systems"]
