"""Regular expressions keep to what Python 3.10 knows, whichever Python the tests run on."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

#: Notes every pattern that the package compiles while all modules are imported and a text is read.
SPY = """
import importlib, json, pkgutil, re, sys
from re import _compiler
compiled, compile = [], _compiler.compile

def noting(pattern, flags=0):
    caller = sys._getframe(1)
    while caller.f_globals["__name__"].split(".")[0] in ("re", "functools"):
        caller = caller.f_back
    if caller.f_globals["__name__"].startswith("facegpt"):
        compiled.append(pattern)
    return compile(pattern, flags)

_compiler.compile = noting
import facegpt
for module in pkgutil.walk_packages(facegpt.__path__, "facegpt."):
    if "__main__" not in module.name:
        importlib.import_module(module.name)
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.reading.unit_codes import find_codes
from facegpt.language.reading.years import find_age
TEXT = "Grrr! an old woman, 70 years, with a nose 3 mm wider than before and no beard; not angry, over the moon 😀"
asks_for_new(TEXT), find_codes(TEXT), find_age(TEXT), find_age("somebody of that age")
sys.stdout.write(json.dumps(sorted(set(compiled))))
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="every other test shows it on this Python")
@pytest.mark.slow
def test_no_pattern_is_possessive_or_atomic():
    from re import _parser

    done = subprocess.run([sys.executable, "-c", SPY], capture_output=True, text=True, timeout=600, check=True)
    patterns = json.loads(done.stdout)
    assert any("zoomers?" in pattern for pattern in patterns), "the words for ages were not read"
    assert [p for p in patterns if re.search("POSSESSIVE|ATOMIC", str(_parser.parse(p).data))] == []
