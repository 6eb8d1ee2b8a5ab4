"""Sums in plain words are worked out, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from facegpt.language.dialogue.questions.arithmetic import result_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("whats 17 times 6?", "102"),
        ("what is 12 % of 340", "40.8"),
        ("square root of 144?", "12"),
        ("how much is 3 + 4 * 2?", "11"),
        ("twenty one plus four", "25"),
        ("1,200 divided by 8", "150"),
        ("2^10", "1,024"),
        ("what is five squared?", "25"),
        ("tell me what 10 - 3 is", "7"),
    ],
)
def test_a_sum_has_its_result(text, value):
    assert result_of(text).endswith(f" {value}.")


@pytest.mark.parametrize(
    "text", ["make it 3 mm wider", "he is 5 foot 3", "7/0", "count from one to five", "3", "make her 20 years younger"]
)
def test_other_words_are_no_sum(text):
    assert result_of(text) == ""
