"""Requests whose bodies are damaged: each gets a sentence, and the server goes on."""

from __future__ import annotations

import pytest

from lab.fuzz.bodies import broken_request, outcome, valid_requests
from lab.fuzz.served import Server


@pytest.fixture(scope="module")
def asked(server, tmp_path_factory):
    """The server as the program of lab/fuzz sees it, and its valid requests."""
    seen = Server(tmp_path_factory.mktemp("unused"), int(server.url.rpartition(":")[2]), "")
    return seen, valid_requests(server.head()["id"])


def test_the_valid_requests_are_taken(asked):
    seen, every = asked
    sent = [outcome(seen, each) for each in every]
    assert {status for status, _ in sent} <= {200, 202} and not any(fault for _, fault in sent)


def test_damaged_bodies_get_a_sentence_and_the_server_goes_on(asked, server):
    seen, every = asked
    sent = [outcome(seen, broken_request(every, number, 5)) for number in range(120)]
    assert [fault for _, fault in sent if fault] == []
    assert {status for status, _ in sent} >= {202, 400, 422}  # some are whole enough, some are no JSON
    assert server.head()["id"]
