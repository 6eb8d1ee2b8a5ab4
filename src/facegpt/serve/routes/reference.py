"""The addresses of the server as a page for people, made of its OpenAPI description; without scripts."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter()
#: What an id in an example looks like: nobody's.
SOME_ID = "ID"
#: What files of a form are called in examples.
_SAMPLES = {"photo": "anna.jpg", "photos": "anna.jpg", "clip": "anna.mp4", "clips": "anna.mp4"}
_SAMPLES |= {"first": "anna_2019.jpg", "second": "anna_2024.jpg"}


@router.get("/api/docs", response_class=HTMLResponse, include_in_schema=False)
async def reference(request: Request) -> HTMLResponse:
    """All addresses: what they take, an example for curl, what they answer."""
    schema = request.app.openapi()
    base = str(request.base_url).rstrip("/")
    groups: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            name = (told.get("tags") or ["other"])[0]
            groups.setdefault(name, []).append(_operation(schema, base, method.upper(), path, told))
    sections = "".join(f"<h2>{escape(name)}</h2>{''.join(entries)}" for name, entries in groups.items())
    contents = " · ".join(f"<b>{escape(name)}</b> {len(entries)}" for name, entries in groups.items())
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>FaceGPT: addresses</title><link rel=icon href=/page/favicon.svg>"
        "<link rel=stylesheet href=/page/css/reference.css>"
        "<main><h1>Addresses</h1><p>The same for machines: <a href=/api/openapi.json>openapi.json</a>. Long work is a "
        "job: the answer is 202 with its id; <code>GET /api/jobs/ID/events</code> tells how far it is, and its result."
        f"</p><p>{contents}</p>{sections}</main></html>"
    )
    return HTMLResponse(text)


def _operation(schema: dict[str, Any], base: str, method: str, path: str, told: dict[str, Any]) -> str:
    """One address with its parameters, its body and an example."""
    first, _, more = (told.get("description") or told.get("summary", "")).partition("\n\n")
    kind, body = _body(schema, told)
    rows = [*_parameter_rows(schema, told), *_field_rows(schema, body)]
    table = (
        "<table><tr><th>name<th>where<th>what it is<th>if left out</tr>" + "".join(rows) + "</table>" if rows else ""
    )
    answers = ", ".join(code for code in told.get("responses", {}) if code.startswith("2"))
    return (
        f"<details><summary><code>{method} {escape(path)}</code> <span>{escape(first)}</span></summary>"
        + (f"<p>{escape(more)}</p>" if more else "")
        + table
        + f"<pre>{escape(_curl(schema, base, method, path, told, kind, body))}</pre>"
        + f"<p class=answers>Answers {answers}</p></details>"
    )


def _resolved(schema: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What a reference points at, with what stands beside it."""
    while "$ref" in told:
        target: Any = schema
        for part in told["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        told = {**target, **{name: value for name, value in told.items() if name != "$ref"}}
    return told


def _body(schema: dict[str, Any], told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The media type and the schema of a body; ("", {}) without one."""
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        return kind, _resolved(schema, content.get("schema", {}))
    return "", {}


def _type(schema: dict[str, Any], told: dict[str, Any]) -> str:
    """What a value may be, in a few words."""
    told = _resolved(schema, told)
    choices = [_type(schema, one) for one in told.get("anyOf", ())]
    if choices:
        return " or ".join(dict.fromkeys(choices))
    if "enum" in told:
        return ", ".join(map(str, told["enum"]))
    if told.get("format") == "binary":
        return "file"
    if told.get("type") == "array":
        return f"list of {_type(schema, told.get('items', {}))}"
    if told.get("type") == "object" and told.get("properties"):
        return "{" + ", ".join(told["properties"]) + "}"
    low, high = told.get("minimum"), told.get("maximum")
    bounds = f" {low:g} to {high:g}" if low is not None and high is not None else ""
    return f"{told.get('type', 'anything')}{bounds}"


def _row(schema: dict[str, Any], name: str, where: str, told: dict[str, Any], required: bool, text: str = "") -> str:
    told = _resolved(schema, told)
    words = text or told.get("description", "")
    what = escape(_type(schema, told)) + (f": {escape(words)}" if words else "")
    default = "is needed" if required else escape(json.dumps(told["default"])) if "default" in told else "—"
    return f"<tr><td><code>{escape(name)}</code><td>{where}<td>{what}<td>{default}</tr>"


def _parameter_rows(schema: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    for one in told.get("parameters", ()):
        words = one.get("description", "")
        yield _row(schema, one["name"], one["in"], one.get("schema", {}), one.get("required", False), words)


def _field_rows(schema: dict[str, Any], body: dict[str, Any]) -> Iterator[str]:
    for name, told in body.get("properties", {}).items():
        yield _row(schema, name, "body", told, name in body.get("required", ()))


def _curl(
    schema: dict[str, Any], base: str, method: str, path: str, told: dict[str, Any], kind: str, body: dict[str, Any]
) -> str:
    """A command that asks for it."""
    for one in told.get("parameters", ()):
        if one["in"] == "path":
            value = SOME_ID if one["name"] in ("key", "a", "b") else _sample(schema, one.get("schema", {}))
            path = path.replace("{" + one["name"] + "}", str(value))
    flags = ("-N " if path.endswith("/events") else "") + ("" if method == "GET" else f"-X {method} ")
    command = f"curl {flags}{base}{path}"
    if kind == "multipart/form-data":
        for name, field in body.get("properties", {}).items():
            if name in body.get("required", ()):
                several = _resolved(schema, field).get("type") == "array"
                command += f" -F {name}=@{_SAMPLES.get(name, 'FILE')}" * (2 if several else 1)
        fields = (body.get("examples") or [{}])[0]
        command += "".join(f" -F {name}={shlex.quote(value)}" for name, value in fields.items())
    elif kind:
        example = (body.get("examples") or [{}])[0]
        command += f" \\\n  -H 'Content-Type: application/json' -d '{json.dumps(example)}'"
    return command


def _sample(schema: dict[str, Any], told: dict[str, Any]) -> Any:
    """A value that a parameter may have."""
    told = _resolved(schema, told)
    return (told.get("examples") or told.get("enum") or ["NAME"])[0]
