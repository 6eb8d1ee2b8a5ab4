"""Drawn requests for several people: the places where people begin, against the words that stand there."""

import pytest

from facegpt_lab.synthesis.texts.several_requests import several_requests
from facegpt_lab.synthesis.texts.terse import NAMES


@pytest.fixture(scope="module")
def requests():
    return several_requests(800, seed=4)


def test_they_are_the_same_for_the_same_seed_and_differ_for_another(requests):
    assert several_requests(20, seed=4) == requests[:20] != several_requests(20, seed=5)


def test_two_to_four_people_begin_at_words(requests):
    for text, marks in requests:
        assert 2 <= len(marks) <= 4 and marks == sorted(set(marks))
        assert all(not text[mark].isspace() and (mark == 0 or not text[mark - 1].isalnum()) for mark in marks)


def test_every_name_of_a_person_stands_in_the_part_of_one(requests):
    names = [name.lower() for name in NAMES["F"] + NAMES["M"] if " " not in name and len(name) > 4]
    told = 0
    for text, marks in requests:
        parts = [text[start:end].lower() for start, end in zip(marks, [*marks[1:], len(text)], strict=True)]
        for name in names:
            if f" {name} " in f" {text.lower()} ":
                told += 1
                assert sum(name in part for part in parts) == 1
    assert told > 100
