"""Kill a server at random moments of its jobs and start it again: `python -m lab.fuzz.served STORE -n 10`.

Each time two heads are asked for, the server is killed with SIGKILL before they can be done, and another is started on
the same store. Both jobs must end with heads whose pages and files come, those made before must still be there, every
file of the store must be whole, and the killed server's workers must be gone. `--model` names a stand-in. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from facegpt.serve.settings import MODEL, Limits
from lab.fuzz.interruptions import fault_of, finished_files

#: Longest wait for a server and for a job, and for workers to notice that their server is gone, seconds.
START_S, JOB_S, GONE_S = 300.0, 600.0, 15.0
_SERVER = (
    "from pathlib import Path; import sys; from facegpt.serve.run import run_server; "
    "from facegpt.serve.settings import Limits, ServeSettings; import json; "
    "limits = Limits(**json.loads(sys.argv[4])); "
    "run_server(ServeSettings(folder=Path(sys.argv[1]), port=int(sys.argv[2]), model=sys.argv[3], limits=limits))"
)


@dataclass
class Server:
    """A server in a process of its own; `made` holds the ids of all heads that its store should have."""

    store: Path
    port: int
    model: str
    made: list[str] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until its model is loaded."""
        command = [sys.executable, "-c", _SERVER, str(self.store), str(self.port), self.model]
        command.append(json.dumps(asdict(self.limits)))
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                self.ask("/api/ready")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit("the server did not start")

    def ask(self, path: str, told: dict[str, Any] | None = None) -> bytes:
        """GET, or POST of JSON."""
        data = None if told is None else json.dumps(told).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def begin(self, words: str) -> str:
        """Ask for a head; the id of the job."""
        return str(json.loads(self.ask("/api/heads/words", {"text": words}))["id"])

    def ended(self, job: str) -> dict[str, Any]:
        """A job once it is over."""
        end = time.monotonic() + JOB_S
        while time.monotonic() < end:
            told: dict[str, Any] = json.loads(self.ask(f"/api/jobs/{job}"))
            if told["state"] in ("done", "failed", "cancelled"):
                return told
            time.sleep(0.05)
        return {"state": "without an end", "error": {}}

    def kill(self) -> set[int]:
        """Kill the server alone; the processes that it had started."""
        assert self.process is not None
        workers = children_of(self.process.pid)
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return workers


def children_of(process: int) -> set[int]:
    """Ids of the processes below one."""
    below: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == process:
            below |= {int(folder.name)} | children_of(int(folder.name))
    return below


def left_running(workers: set[int]) -> set[int]:
    """Those of some processes that do not end within GONE_S."""
    end = time.monotonic() + GONE_S
    while workers and time.monotonic() < end:
        workers = {worker for worker in workers if Path(f"/proc/{worker}").exists()}
        time.sleep(0.1)
    return workers


def interrupted(server: Server, moment_s: float) -> list[str]:
    """Kill the server once while it works; what was wrong with it afterwards."""
    jobs = [server.begin("an old man"), server.begin("a woman with a wide nose")]
    time.sleep(moment_s)
    workers = server.kill()
    faults = [f"worker {worker} goes on without its server" for worker in left_running(workers)]
    faults += [f"{path}: {fault}" for path in finished_files(server.store) if (fault := fault_of(path))]
    server.start()
    for job in jobs:
        told = server.ended(job)
        if told["state"] != "done":
            faults.append(f"a job is {told['state']}: {told.get('error')}")
            continue
        server.made += [head["id"] for head in told["result"]["heads"]]
    for head in server.made:
        try:
            server.ask(f"/api/heads/{head}")
        except urllib.error.HTTPError as error:
            faults.append(f"head {head} is lost ({error.code})")
    return faults


def main() -> None:
    """Read the command line and try."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("store", type=Path, help="a new folder for the server's store")
    parser.add_argument("-n", "--tries", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--model", default=MODEL, help="what gives the model, module:function")
    told = parser.parse_args()
    server, dice, bad = Server(told.store, told.port, told.model), random.Random(told.seed), 0
    server.start()
    begun = time.monotonic()
    for job in (server.begin("a man"), server.begin("a woman")):
        server.ended(job)
    length = time.monotonic() - begun
    for number in range(told.tries):
        moment = dice.uniform(0, length)
        faults = interrupted(server, moment)
        bad += bool(faults)
        print(f"{number}: killed after {moment:.2f} of {length:.2f} s: {'; '.join(faults) or 'whole'}", flush=True)
    server.kill()
    print(f"{told.tries} kills, {bad} with faults, {len(server.made)} heads")


if __name__ == "__main__":
    main()
