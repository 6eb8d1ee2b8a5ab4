"""The verb mcp, talked to by the SDK's own client over stdio in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

mcp = pytest.importorskip("mcp")

SERVER = """
import sys
sys.path[:0] = {paths!r}
import facegpt.api
from stand_in_words import word_model
facegpt.api.load = lambda **_: word_model()
from facegpt.cli.main import main
sys.exit(main(["mcp", "-o", {folder!r}]))
"""


def talked(folder: Path, *calls: tuple[str, dict]) -> tuple[list, list]:
    """Names of the tools, and the results of calls, by the SDK's client."""
    tests = Path(__file__).resolve().parents[1]
    paths = [str(tests / "helpers"), str(tests.parent / "src")]
    code = SERVER.format(paths=paths, folder=str(folder))
    server = mcp.StdioServerParameters(command=sys.executable, args=["-c", code], env=dict(os.environ))

    async def talk() -> tuple[list, list]:
        async with mcp.Client(server, read_timeout_seconds=240) as client:
            listed = await client.list_tools()
            return [tool.name for tool in listed.tools], [await client.call_tool(name, given) for name, given in calls]

    return asyncio.run(talk())


@pytest.mark.slow
def test_an_assistant_makes_changes_and_describes_a_head(tmp_path):
    heads = tmp_path / "heads"
    first = str(heads / "head_1")
    names, (made, changed, told, missing) = talked(
        heads,
        ("imagine", {"description": "a man with a narrow nose"}),
        ("edit", {"head": first, "change": "a broad nose"}),
        ("describe", {"head": first, "question": "how wide is the nose?"}),
        ("describe", {"head": str(tmp_path / "nobody")}),
    )
    assert names == ["reconstruct", "imagine", "edit", "describe", "analyze", "compare", "track"]
    text, picture = made.content
    record = json.loads(text.text)["heads"][0]
    assert record["head"] == first and (heads / "head_1" / "face.glb").is_file()
    assert Image.open(io.BytesIO(base64.b64decode(picture.data))).size == (384, 384)
    wider = json.loads(changed.content[0].text)["heads"][0]["measures_mm"]["nose_breadth"]
    assert wider > record["measures_mm"]["nose_breadth"] + 1
    assert f"{record['measures_mm']['nose_breadth']} mm" in told.content[0].text
    assert missing.is_error and "nobody" in missing.content[0].text
