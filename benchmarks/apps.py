"""The Python peers: what Connexion, Starlette and uvicorn do when nothing is asked of them but an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

SPEC = Path(__file__).parent.parent / "specs" / "cloud_foundry" / "openapi.yaml"


def example() -> Any:
    """The deployment that the spec shows as an example of a cancel's reply."""
    document = yaml.safe_load(SPEC.read_text())
    reply = document["paths"]["/deployments/{guid}/actions/cancel"]["post"]["responses"]["200"]
    content = resolve(document, reply)["content"]["application/json"]
    if "example" in content:
        return resolve(document, content["example"])
    first = next(iter(content["examples"].values()))
    return resolve(document, first)["value"]


def resolve(document: Any, node: Any) -> Any:
    """Follow one local $ref."""
    while isinstance(node, dict) and "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def connexion_app() -> Any:
    """Connexion as it comes: validation both ways, a bearer check, a handler that returns a constant."""
    import connexion

    document = yaml.safe_load(SPEC.read_text())
    for scheme in document["components"]["securitySchemes"].values():
        scheme["x-bearerInfoFunc"] = "benchmarks.apps.token_info"
    answer = example()

    def resolver(name: str) -> Any:
        def handler(**parameters: Any) -> Any:
            return answer, 200, {"Content-Type": "application/json"}

        return handler

    app = connexion.AsyncApp(__name__)
    app.add_api(
        document,
        base_path="/v3",
        resolver=connexion.Resolver(resolver),
        validate_responses=True,
        strict_validation=True,
    )
    return app


def token_info(token: str) -> dict[str, Any]:
    """Any token is somebody's."""
    return {"sub": token, "scope": ""}


def starlette_app() -> Any:
    """One route."""
    answer = example()

    async def cancel(request: Request) -> JSONResponse:
        return JSONResponse(answer)

    return Starlette(routes=[Route("/v3/deployments/{guid}/actions/cancel", cancel, methods=["POST"])])


def bare_app() -> Any:
    """No framework at all."""
    body = json.dumps(example()).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


async def lifespan(receive: Any, send: Any) -> None:
    """Acknowledge start and end."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
