"""Conversations of three turns as chat programs hold them: history as text, a photo first.

The requests are shaped as the sources of each program shape them: `openai` itself; llm 0.27 (`build_messages` of its
openai_models.py); litellm 1.7x (messages as dumped from its Message); Open WebUI 0.6 (system prompt first, the photo
sent again each time, and requests of its own for title, tags and follow-ups in between).
"""

from __future__ import annotations

import base64
import io
import json
import re

import pytest
from serving import PATIENCE_S
from stand_in import picture


@pytest.fixture(scope="module")
def client(server):
    package = pytest.importorskip("openai")
    return package.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)


@pytest.fixture(scope="module")
def photo_url() -> str:
    """A photo of one person, as a data: address."""
    data = io.BytesIO()
    picture((20, 30, 100, 130)).save(data, format="PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def ask(client, messages: list, **more):
    """The text of an answer and its heads, whole or streamed."""
    answer = client.chat.completions.create(model="facegpt", messages=messages, **more)
    if not more.get("stream"):
        message = answer.choices[0].message
        return message.content, message.facegpt["heads"], message
    text, heads = "", []
    for chunk in answer:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            heads = (choice.delta.model_extra or {}).get("facegpt", {}).get("heads", heads)
    return text, heads, None


def of_openai(words: str, photo: str | None = None) -> dict:
    picture = [{"type": "image_url", "image_url": {"url": photo, "detail": "auto"}}] if photo else []
    return {"role": "user", "content": [*picture, {"type": "text", "text": words}] if photo else words}


def of_llm(words: str, photo: str | None = None) -> dict:
    if photo is None:
        return {"role": "user", "content": words}
    return {
        "role": "user",
        "content": [{"type": "text", "text": words}, {"type": "image_url", "image_url": {"url": photo}}],
    }


def said_openai(text: str, message) -> dict:
    return {"role": "assistant", "content": text}


def said_object(text: str, message):
    """As the documentation of the client has it: the message itself is appended."""
    return message


def said_litellm(text: str, message) -> dict:
    more = {"tool_calls": None, "function_call": None, "annotations": [], "provider_specific_fields": {"refusal": None}}
    return {"role": "assistant", "content": text, **more}


CLIENTS = {
    "openai": ([], of_openai, said_openai, {}),
    "openai, its own message": ([], of_openai, said_object, {}),
    "openai, streamed": ([], of_openai, said_openai, {"stream": True}),
    "llm": ([], of_llm, said_openai, {"stream": True, "stream_options": {"include_usage": True}}),
    "litellm": ([], of_llm, said_litellm, {"temperature": 0.2, "max_tokens": 400}),
    "Open WebUI": (
        [{"role": "system", "content": "You are a helpful assistant. Today is Friday. " * 120}],
        of_llm,
        said_openai,
        {"stream": True, "extra_body": {"stream_options": {"include_usage": True}}},
    ),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_three_turns_of_text_go_on_with_the_head_of_the_photo(client, server, photo_url, name):
    history, user, assistant, more = CLIENTS[name]
    messages = [*history, user("make the nose wider", photo_url)]
    text, (first,), message = ask(client, messages, **more)
    messages += [assistant(text, message), user("make the nose wider")]
    text, (second,), message = ask(client, messages, **more)
    assert first["id"] in second["chain"], "the second head was made from the first"
    messages += [assistant(text, message), user("how wide is the nose?")]
    text, heads, _ = ask(client, messages, **more)
    widths = [next(m["value_mm"] for m in each["measures"] if m["name"] == "nose_breadth") for each in (first, second)]
    assert widths[1] > widths[0] and f"{widths[1]:.1f}" in text and heads == []


@pytest.mark.parametrize("name", ["openai", "llm", "Open WebUI"])
def test_what_was_done_is_undone_by_a_client_of_text(client, photo_url, name):
    """Undo needs the history of the people, which no text holds. Instructions may tell the time of each request."""
    _, user, assistant, more = CLIENTS[name]
    times = ([{"role": "system", "content": f"It is 12:0{k}."}] if name == "Open WebUI" else [] for k in range(3))
    messages = [user("make the nose wider", photo_url)]
    text, (first,), message = ask(client, [*next(times), *messages], **more)
    messages += [assistant(text, message), user("make the nose wider")]
    text, _, message = ask(client, [*next(times), *messages], **more)
    messages += [assistant(text, message), user("undo that")]
    _, (back,), _ = ask(client, [*next(times), *messages], **more)
    assert back["measures"] == first["measures"]


def test_a_client_that_drops_links_is_known_by_its_words_and_its_photo(client, photo_url):
    messages = [of_openai("make the nose wider", photo_url)]
    text, (first,), _ = ask(client, messages, extra_body={"links": False})
    assert "](" not in text
    messages += [{"role": "assistant", "content": text}, of_openai("make the nose wider")]
    _, (second,), _ = ask(client, messages)
    assert first["id"] in second["chain"]


def test_links_alone_lead_back_to_the_heads_when_all_else_is_forgotten(client, server):
    """As after a restart: another beginning, and the text of an answer with its links."""
    text, (head,), _ = ask(client, [of_openai("make a man with a wide nose")])
    messages = [of_openai("hello again"), {"role": "assistant", "content": f"Before:\n\n{text}"}]
    _, (wider,), _ = ask(client, [*messages, of_openai("make his nose wider")])
    assert wider["parent"] == head["id"]
    _, (pasted,), _ = ask(client, [of_openai(f"make the nose wider {server.url}/heads/{head['id']}")])
    assert pasted["parent"] == head["id"]


def test_an_answer_shows_its_head_in_markdown(client, server):
    text, _, _ = ask(client, [of_openai("make a man [1](x) with a wide nose")])
    pictures = re.findall(r"!\[[^\[\]]*\]\((\S+?)\)", text)
    links = re.findall(r"(?<!!)\[[^\[\]]*\]\((\S+?)\)", text)
    assert len(pictures) == 1 and all(url.startswith(f"{server.url}/") for url in (*pictures, *links))
    shown = server.client.get(pictures[0], headers={"sec-fetch-site": "cross-site"}, timeout=PATIENCE_S)
    assert shown.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin", "a chat on another page shows it"
    page, glb = (server.client.get(url, timeout=PATIENCE_S) for url in links)
    assert "text/html" in page.headers["content-type"] and glb.content[:4] == b"glTF"


#: As Open WebUI fills its templates (their guidelines and examples are left out).
TASKS = {
    "title": "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Output:\n"
    'JSON format: { "title": "your concise title here" }\n### Examples:\n- { "title": "📉 Stock Market Trends" }\n',
    "tags": "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history.\n### Output:\n"
    'JSON format: { "tags": ["tag1", "tag2", "tag3"] }\n',
    "follow_ups": "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might naturally ask "
    'next.\n### Output:\nJSON format: { "follow_ups": ["Question 1?", "Question 2?", "Question 3?"] }\n',
}


@pytest.mark.parametrize("what", TASKS)
def test_what_a_chat_program_asks_for_itself_makes_no_heads(client, server, what):
    before = len(server.client.get("/api/heads?saved=false&limit=500").json()["heads"])
    said = "USER: make an old fisherman with a grey beard and a broad nose\nASSISTANT: Here he is."
    prompt = f"{TASKS[what]}### Chat History:\n<chat_history>\n{said}\n</chat_history>"
    answer = client.chat.completions.create(model="facegpt", messages=[of_openai(prompt)], stream=False)
    told = json.loads(answer.choices[0].message.content)
    assert list(told) == [what] and told[what] and answer.usage.total_tokens >= 0
    if what == "title":
        assert told["title"].startswith("Make an old fisherman") and len(told["title"]) <= 40
    assert len(server.client.get("/api/heads?saved=false&limit=500").json()["heads"]) == before


def test_links_of_a_server_with_a_token_are_signed(tmp_path):
    """A picture is shown without the token by whoever has its address, and nothing else is."""
    import httpx
    from serving import serving

    with serving(tmp_path, token="secret-token") as running:
        running.ready()
        body = {"messages": [{"role": "user", "content": "make a man with a wide nose"}]}
        text = running.client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
        (url,) = re.findall(r"!\[[^\[\]]*\]\((\S+?)\)", text)
        assert "secret-token" not in text
        assert httpx.get(url, timeout=PATIENCE_S).content[:4] == b"\x89PNG"
        bare = url.partition("?")[0]
        assert httpx.get(bare).status_code == 401
        assert httpx.get(f"{bare}?key={'0' * 32}").status_code == 401
        key = re.search(r"/heads/([\w-]{22})/", url)[1]
        signed = url.partition("?")[2]
        assert httpx.get(f"{running.url}/api/heads/{key}?{signed}").status_code == 401
        other = f"{running.url}/heads/{'A' * 22}/picture.png?{signed}"
        assert httpx.get(other).status_code == 401
