"""Peak memory is that of a process that imports what users do: torch alone would be 150 MB of it."""

import subprocess
import sys

from facegpt_lab.evaluate.benchmarks.memory import peak_memory_mb, peak_of_user


def test_what_measures_memory_loads_no_torch():
    told = "import sys, facegpt_lab.evaluate.benchmarks.memory; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_a_process_that_makes_a_head_takes_some_hundred_megabytes():
    peak = peak_of_user("fast")
    assert (peak is None) == (peak_memory_mb() is None)
    assert peak is None or 200 < peak < 2000
