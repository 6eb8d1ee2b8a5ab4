"""Print the table of rendering speeds: python benchmarks/bench_render.py [--quick].

The others are raced if they are installed: pip install deodr trimesh mitsuba.
"""

from __future__ import annotations

import argparse
import sys

from facegpt_lab.evaluate.benchmarks.render import run_races, table

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only 256 px, one image, one thread")
    print(table(run_races(parser.parse_args().quick, lambda line: print(line, file=sys.stderr))))
