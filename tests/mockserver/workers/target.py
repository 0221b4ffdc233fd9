"""A running mock as a target of `contracts`, like any deployment that has a control API."""

from __future__ import annotations

import json
from pathlib import Path

from tests.mockserver.workers.process import MockProcess

NAME = "shared"
EFFECTS = ("read", "create", "cancel")
CREDENTIALS = {"bearer": ("scheme", "token"), "digest": ("scheme", "username", "password")}
MORE_EFFECTS = {"cloud_foundry": ("continue", "update"), "ops_manager": ("delete",)}


def targets_file(directory: Path, mock: MockProcess) -> Path:
    """The mock as a target: everything allowed, jobs from its control API."""
    identities = mock.control("GET", "/identities")[mock.system]
    lines = [
        f"[{NAME}]",
        f'system = "{mock.system}"',
        f'url = "{mock.url}"',
        f"may = {json.dumps([*EFFECTS, *MORE_EFFECTS.get(mock.system, ())])}",
        'supply = {from = ["control", "create"]}',
    ]
    for name in ("owner", "reader", "stranger"):
        told = identities[name]
        lines += [f"[{NAME}.identities.{name}]", *(f'{key} = "{told[key]}"' for key in CREDENTIALS[told["scheme"]])]
    file = directory / "targets.toml"
    file.write_text("\n".join(lines))
    return file
