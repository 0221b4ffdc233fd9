"""What can be wrong with a request, in the model's terms. `errors` has the vendor's words for each."""

from __future__ import annotations

from mockserver.systems.cloud_foundry.phases import Phase


class Refusal(Exception):
    """The request was refused, and nothing changed."""


class DeploymentNotFound(Refusal):
    """There is none, or the caller must not know that there is (E24)."""


class NotAuthorized(Refusal):
    """The caller may read this, and not change it (E23, E38)."""


class OrganizationSuspended(Refusal):
    """Only admins may change things in there (E26)."""


class SpaceSuspended(Refusal):
    """Only admins may change things in there (E26)."""


class OrganizationBeingDeleted(Refusal):
    """Nothing in there may change any more (E27)."""


class SpaceBeingDeleted(Refusal):
    """Nothing in there may change any more (E27)."""


class DeploymentsDisabled(Refusal):
    """The operator has switched creating off (E48)."""


class Unprocessable(Refusal):
    """The request breaks rules of the vendor's; the message is the vendor's text."""


class AppNotUsable(Unprocessable):
    """The app does not exist, or the caller may not manage it (E34)."""

    def __init__(self) -> None:
        super().__init__("Unable to use app. Ensure that the app exists and you have access to it.")


class DropletNotAssignable(Unprocessable):
    """The droplet does not exist, or is another app's (E17, E55)."""

    def __init__(self) -> None:
        super().__init__("Unable to assign current droplet. Ensure the droplet exists and belongs to this app.")


class WrongPhase(Unprocessable):
    """The deployment is past this, or not there yet (E16, E18)."""

    def __init__(self, action: str, phase: Phase) -> None:
        super().__init__(f"Cannot {action} a deployment with status: {phase.status} and reason: {phase.reason}")


class TooMuchMetadata(Refusal):
    """More labels or annotations than a resource may have (E37)."""

    def __init__(self, kind: str, added: int, maximum: int) -> None:
        super().__init__(f"Failed to add {added} {kind} because it would exceed maximum of {maximum}")
        self.kind = kind


class BadQuery(Refusal):
    """The list was asked for in a way that is not allowed; the message is the vendor's text (E41)."""
