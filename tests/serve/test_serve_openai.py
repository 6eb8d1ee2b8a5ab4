"""OpenAI's protocol, by the official client and by curl; and the API by machines that try everything."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def openai(server):
    """The official client, told only the address."""
    package = pytest.importorskip("openai")
    return package.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)


def said(text: str, *parts: dict) -> list[dict]:
    return [{"role": "user", "content": [*parts, {"type": "text", "text": text}] if parts else text}]


def picture(data: bytes) -> dict:
    return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(data).decode()}}


def test_the_one_model_is_listed(openai):
    assert [model.id for model in openai.models.list()] == ["facegpt"]
    assert openai.models.retrieve("facegpt").object == "model"


def test_words_give_a_head_with_the_address_of_its_file(openai, server):
    answer = openai.chat.completions.create(model="facegpt", messages=said("make a man with a wide nose"), seed=3)
    message = answer.choices[0].message
    assert message.role == "assistant" and message.content and answer.choices[0].finish_reason == "stop"
    (head,) = message.facegpt["heads"]
    glb = server.client.get(head["glb_url"])
    assert glb.content[:4] == b"glTF" and head["blendshapes"].keys() and head["controls"]


def test_a_streamed_answer_is_the_same_in_pieces(openai):
    messages = said("make a man with a wide nose")
    whole = openai.chat.completions.create(model="facegpt", messages=messages)
    chunks = list(openai.chat.completions.create(model="facegpt", messages=messages, stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    without_links = [each.partition("![")[0] for each in (text, whole.choices[0].message.content)]
    assert without_links[0] == without_links[1] and len(without_links[0]) < len(text)
    assert chunks[-1].choices[0].finish_reason == "stop"
    (head,) = chunks[-1].choices[0].delta.facegpt["heads"]
    assert head["measures"] == whole.choices[0].message.facegpt["heads"][0]["measures"]


def test_a_photo_is_seen_and_talked_about(openai, photo):
    answer = openai.chat.completions.create(model="facegpt", messages=said("make the nose wider", picture(photo)))
    assert answer.choices[0].message.facegpt["heads"][0]["origin"] == "edit"


def test_a_head_of_the_server_can_be_spoken_of(openai, server):
    head = server.head("a man with a wide nose")
    part = {"type": "face", "face": {"id": head["id"]}}
    answer = openai.chat.completions.create(model="facegpt", messages=said("how wide is the nose?", part))
    width = next(m["value_mm"] for m in head["measures"] if m["name"] == "nose_breadth")
    assert f"{width:.1f}" in answer.choices[0].message.content


def test_a_conversation_outlives_heads_that_were_forgotten(openai, server):
    gone = server.head()["id"]
    server.client.delete(f"/api/heads/{gone}")
    part = {"type": "face", "face": {"id": gone}}
    messages = [{"role": "assistant", "content": [part]}, *said("make a man with a wide nose")]
    assert openai.chat.completions.create(model="facegpt", messages=messages).choices[0].message.facegpt["heads"]
    asked = {"messages": said("how wide is the nose?", part)}
    assert server.client.post("/v1/chat/completions", json=asked).status_code == 404


@pytest.mark.parametrize("url", ["https://example.org/a.png", "file:///etc/passwd", "data:image/png;base64,%%", ""])
def test_nothing_is_fetched_from_elsewhere(server, url):
    messages = said("who is this?", {"type": "image_url", "image_url": {"url": url}})
    answer = server.client.post("/v1/chat/completions", json={"messages": messages})
    assert answer.status_code == 422 and answer.json()["error"]["code"] == "image_url"


def test_errors_are_those_the_client_knows(openai):
    import openai as package

    with pytest.raises(package.UnprocessableEntityError, match="user"):
        openai.chat.completions.create(model="facegpt", messages=[{"role": "assistant", "content": "hello"}])
    with pytest.raises(package.NotFoundError):
        openai.models.retrieve("gpt-4")
    with pytest.raises(package.NotFoundError, match="facegpt"):
        openai.chat.completions.create(model="gpt-4", messages=said("hello"))


def test_who_hangs_up_stops_the_work(server):
    body = {"messages": said("make a man"), "stream": True}
    with server.client.stream("POST", "/v1/chat/completions", json=body) as answer:
        next(answer.iter_lines())
    assert server.head()["id"]
    assert server.engine.lanes["heads"].running is None


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_line_of_the_readme_works_as_it_stands(server):
    text = (ROOT / "README.md").read_text("utf-8")
    line = re.search(r"^curl [^\n]*v1/chat/completions(?:[^\n]*\\\n)*[^\n]*$", text, re.M)
    assert line, "the README has no curl line"
    command = line.group(0).replace("localhost:8000", server.url.removeprefix("http://"))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout)
    assert answer["choices"][0]["message"]["facegpt"]["heads"], answer


@pytest.mark.slow
def test_nothing_that_machines_try_is_a_fault_of_the_server(server):
    schemathesis = pytest.importorskip("schemathesis")

    schema = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json")
    tried: list[tuple[str, int]] = []
    for result in schema.get_all_operations():
        _try_operation(result.ok().as_strategy(), tried, server)
    assert len({path for path, _ in tried}) >= 20


def _try_operation(strategy, tried: list, server) -> None:
    """Ask one operation with several made-up requests."""
    from hypothesis import HealthCheck, given, settings

    @given(case=strategy)
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def run(case):
        answer = case.call(timeout=60)
        tried.append((case.path, answer.status_code))
        assert answer.status_code < 500, (case.method, case.path, answer.status_code, answer.text)
        if answer.status_code == 202:
            server.client.delete(f"/api/jobs/{answer.json()['id']}")

    run()


def test_words_of_a_conversation_can_be_taken_out(openai, server):
    """Also where the head that was changed was made in the same breath."""
    first = openai.chat.completions.create(
        model="facegpt", messages=[{"role": "user", "content": "a woman with a wide nose"}]
    )
    (head,) = first.choices[0].message.facegpt["heads"]
    content = [{"type": "face", "face": {"id": head["id"]}}, {"type": "text", "text": "make her nose wider"}]
    second = openai.chat.completions.create(model="facegpt", messages=[{"role": "user", "content": content}])
    (edited,) = second.choices[0].message.facegpt["heads"]
    assert edited["chain"] == [head["id"], edited["id"]] and edited["removable"]
    parts = [part["label"] for part in edited["understood"]]
    job = server.job(server.client.post(f"/api/heads/{edited['id']}/without", json={"parts": parts}))
    (again,) = job["result"]["heads"]
    assert again["measures"] == head["measures"] and again["left_out"] == parts
