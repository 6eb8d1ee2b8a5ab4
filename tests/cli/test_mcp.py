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
from stand_in import picture

from facegpt.data.provenance import is_marked

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
    assert names == [
        *("reconstruct", "imagine", "edit", "edit_photo", "describe", "analyze", "compare", "animate", "track")
    ]
    text, picture = made.content
    record = json.loads(text.text)["heads"][0]
    assert record["head"] == first and (heads / "head_1" / "face.glb").is_file()
    assert Image.open(io.BytesIO(base64.b64decode(picture.data))).size == (384, 384)
    wider = json.loads(changed.content[0].text)["heads"][0]["measures_mm"]["nose_breadth"]
    assert wider > record["measures_mm"]["nose_breadth"] + 1
    assert f"{record['measures_mm']['nose_breadth']} mm" in told.content[0].text
    assert missing.is_error and "nobody" in missing.content[0].text


@pytest.mark.slow
def test_an_assistant_sees_changes_and_moves_a_photo(tmp_path):
    photo = str(tmp_path / "two.png")
    picture((20, 30, 100, 130), (180, 60, 240, 140)).save(photo)
    (tmp_path / "jaw.csv").write_text("time_s,jawOpen\n0,0\n0.1,.5\n0.2,0\n")
    heads = tmp_path / "heads"
    _, (seen, alike, edited, changed, moved, wrong, nothing) = talked(
        heads,
        ("analyze", {"photo": photo}),
        ("compare", {"first": photo, "second": photo}),
        ("edit", {"head": photo, "change": "a wider nose"}),
        ("edit_photo", {"photo": photo, "units": "jawOpen=.8", "face": 1}),
        ("animate", {"who": photo, "curves": str(tmp_path / "jaw.csv")}),
        ("edit_photo", {"photo": photo, "turn": "left"}),
        ("animate", {"who": photo}),
    )
    assert len(json.loads(seen.content[0].text)["faces"]) == 2 and shown(seen) == 2
    assert json.loads(alike.content[0].text)["same"] is None and shown(alike) == 1
    assert "heads" in json.loads(edited.content[0].text) and shown(edited) == 2  # the head, and the photo
    path = Path(json.loads(changed.content[0].text)["photo"])
    assert is_marked(path.read_bytes()) and shown(changed) == 1
    take = json.loads(moved.content[0].text)
    assert shown(moved) == 1 and (Path(take["take"]) / "animation.glb").is_file()
    assert wrong.is_error and "12,-5" in wrong.content[0].text
    assert nothing.is_error and "one source of motion" in nothing.content[0].text


def shown(result) -> int:
    """Pictures of an answer that can be opened."""
    data = [part.data for part in result.content if part.type == "image"]
    return len([Image.open(io.BytesIO(base64.b64decode(each))).load() for each in data])
