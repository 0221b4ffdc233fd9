"""What an operator may set: the `options` of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.errors import UsageError

NAMES = ("rate_limit", "temporary_disable_deployments")


@dataclass(frozen=True, slots=True)
class Settings:
    """How this foundation is run.

    `rate_limit`: requests a caller has in an hour, true for the vendor's example settings, false for no limit (E33).
    `temporary_disable_deployments`: nothing can be deployed, all else goes on (E48).
    """

    rate_limit: int | bool = False
    temporary_disable_deployments: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """From a scenario. UsageError for what cannot be set."""
        if unknown := sorted(set(options) - set(NAMES)):
            raise UsageError(
                f"options of cloud_foundry: unknown option `{unknown[0]}`. Known options: {', '.join(NAMES)}. Name one."
            )
        settings = cls(**options)
        if not isinstance(settings.rate_limit, int) or settings.rate_limit < 0:
            raise UsageError(
                f"options of cloud_foundry: rate_limit is {settings.rate_limit!r}. Give a number of requests, or true."
            )
        if not isinstance(settings.temporary_disable_deployments, bool):
            raise UsageError("options of cloud_foundry: temporary_disable_deployments is neither true nor false.")
        return settings
