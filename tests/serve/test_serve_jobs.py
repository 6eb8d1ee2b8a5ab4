"""Jobs: events, ends, queues, and workers that die, sleep or do not listen."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from serving import MODEL, serving
from small_disk import filled

from facegpt.serve.supervisor import Supervisor


def events(server, key: str) -> list[tuple[str, dict]]:
    """All events of a job until its end."""
    found, name = [], ""
    with server.client.stream("GET", f"/api/jobs/{key}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                found.append((name, json.loads(line[6:])))
    return found


def test_events_tell_the_way_and_end_with_the_result(server):
    key = server.words("a man", count=2).json()["id"]
    told = events(server, key)
    assert told[-1][0] == "done" and len(told[-1][1]["result"]["heads"]) == 2
    assert {name for name, _ in told[:-1]} <= {"progress"}
    assert events(server, key)[-1] == told[-1]  # whoever comes late hears the end


def test_a_job_that_waits_is_cancelled_at_once_and_knows_its_place(server):
    running, waiting = (server.words("sleep").json()["id"] for _ in range(2))
    assert server.client.get(f"/api/jobs/{waiting}").json()["position"] == 1
    assert server.client.delete(f"/api/jobs/{waiting}").json()["state"] == "cancelled"
    assert server.client.delete(f"/api/jobs/{running}").json()["state"] == "cancelled"
    assert server.head()["id"]


def cancelled_ones(server) -> int:
    """How many jobs the figures count as cancelled."""
    lines = server.client.get("/metrics").text.splitlines()
    return sum(int(line.split()[-1]) for line in lines if line.startswith("facegpt_jobs_") and '"cancelled"' in line)


def test_cancelling_stops_the_computing_and_keeps_a_process_that_listens(server):
    before, process = cancelled_ones(server), server.engine.lanes["heads"].worker.process_id
    key = server.words("sleep").json()["id"]
    server.until(key, ("running",))
    begun = time.monotonic()
    server.client.delete(f"/api/jobs/{key}")
    assert server.head()["id"]  # the sleep would have taken a minute
    assert time.monotonic() - begun < 20
    assert server.engine.lanes["heads"].worker.process_id == process
    assert cancelled_ones(server) == before + 1


def test_the_process_goes_on_with_the_next_job_while_the_event_loop_is_busy(server):
    lane, held = server.engine.lanes["heads"], server.words("sleep").json()["id"]
    server.until(held, ("running",))
    following = server.words("a man").json()["id"]
    free_again = []

    def busy() -> None:
        lane.cancel(server.engine.job(held))
        time.sleep(6.0)
        free_again.append(time.time())

    lane._task.get_loop().call_soon_threadsafe(busy)
    head = server.until(following, ("done",))["result"]["heads"][0]
    assert head["created"] < free_again[0]
    assert server.client.get(f"/api/jobs/{held}").json()["state"] == "cancelled"


def test_a_job_that_the_process_has_just_got_can_be_cancelled(server):
    lane, held = server.engine.lanes["heads"], server.words("sleep").json()["id"]
    server.until(held, ("running",))
    following = server.words("sleep").json()["id"]

    def both() -> None:
        lane.cancel(server.engine.job(held))
        while lane.worker.withdraw(following):  # until the process has it, of which the loop knows nothing yet
            lane._prepare()
            time.sleep(0.01)
        lane.cancel(server.engine.job(following))

    lane._task.get_loop().call_soon_threadsafe(both)
    assert server.until(following, ("cancelled", "done"))["state"] == "cancelled"
    begun = time.monotonic()
    assert server.head()["id"] and time.monotonic() - begun < 20  # it does not sleep for a minute


def test_a_process_that_does_not_listen_is_ended_and_replaced(server):
    process = server.engine.lanes["heads"].worker.process_id
    key = server.words("stuck").json()["id"]
    server.until(key, ("running",))
    time.sleep(0.3)
    server.client.delete(f"/api/jobs/{key}")
    assert server.head()["id"]
    assert server.engine.lanes["heads"].worker.process_id != process
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_worker_that_is_killed_fails_its_job_alone(server):
    job = server.words("sleep").json()["id"]
    after = server.words("a man").json()["id"]
    server.until(job, ("running",))
    os.kill(server.engine.lanes["heads"].worker.process_id, signal.SIGKILL)
    told = server.until(job, ("failed",))
    assert told["error"]["code"] == "worker_died" and "started again" in told["error"]["message"]
    assert server.until(after, ("done", "failed"))["state"] == "done"
    assert "facegpt_worker_restarts_total" in server.client.get("/metrics").text


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [("memory", "memory", 507), ("disk full", "disk_full", 507), ("fault", "internal", 500)],
)
def test_faults_are_told_without_what_they_hold(server, words, code, status):
    job = server.job(server.words(words))
    assert job["state"] == "failed" and job["error"]["code"] == code
    assert "secret" not in job["error"]["message"] and "somebody" not in job["error"]["message"]
    chat = {"messages": [{"role": "user", "content": "an old man"}]}
    assert server.client.post("/v1/chat/completions", json=chat).status_code == 200


def test_a_full_queue_says_when_to_come_again(server):
    keys = [server.words("sleep").json()["id"]]
    server.until(keys[0], ("running",))
    answers = [server.words("a man") for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 2  # six may wait
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert refused[0].json()["error"]["code"] == "queue_full"
    for key in keys + [answer.json()["id"] for answer in answers if answer.status_code == 202]:
        server.client.delete(f"/api/jobs/{key}")


def test_results_of_many_at_once_are_not_mixed_up(server):
    seeds = range(12)

    def one(seed: int) -> str:
        while (answer := server.words("a man with a wide nose", seed=seed)).status_code == 429:
            time.sleep(0.05)
        return json.dumps(server.job(answer, 60)["result"]["heads"][0]["measures"])

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(one, seeds))
    assert together == [one(seed) for seed in seeds] and len(set(together)) == len(seeds)


def test_jobs_survive_a_restart_of_the_server(tmp_path):
    with serving(tmp_path) as first:
        running = first.words("sleep").json()["id"]
        waiting = first.words("a man").json()["id"]
        first.until(running, ("running",), 180)
    with serving(tmp_path) as second:
        assert second.until(running, ("running",), 180)["state"] == "running"  # begun again, once
        second.client.delete(f"/api/jobs/{running}")
        told = second.until(waiting, ("done",), 180)
        assert second.client.get(f"/api/heads/{told['result']['heads'][0]['id']}").status_code == 200


def test_what_takes_too_long_is_stopped(server, monkeypatch):
    monkeypatch.setattr(server.engine.lanes["heads"], "limit_s", 0.5)
    job = server.job(server.words("sleep"))
    assert job["state"] == "failed" and job["error"]["code"] == "time"


def test_loading_the_model_is_not_the_time_of_the_first_job(tmp_path):
    with serving(tmp_path, head_s=3.0) as new:
        assert new.client.get("/api/ready").status_code == 503
        told = new.job(new.words("a man"))
        assert told["state"] == "done", told


def test_what_nobody_saved_is_forgotten(server):
    head, kept = server.head("a man"), server.head("a woman")
    server.client.post(f"/api/heads/{kept['id']}/save", json={"name": "Anna"})
    assert server.engine.store.forget(0.0) >= 1
    assert server.client.get(f"/api/heads/{head['id']}").status_code == 404
    assert not (server.settings.folder / "heads" / head["id"]).exists()
    assert server.client.get(f"/api/heads/{kept['id']}").json()["name"] == "Anna"
    first, second = server.head("a man"), server.head("a man")
    assert server.engine.store.forget(3600.0, most=1) == 1
    assert [server.client.get(f"/api/heads/{one['id']}").status_code for one in (first, second)] == [404, 200]


def test_a_client_that_reads_slowly_holds_up_nobody(server):
    key = server.words("sleep").json()["id"]
    with server.client.stream("GET", f"/api/jobs/{key}/events") as answer:
        next(answer.iter_lines())  # and no further
        begun = time.monotonic()
        assert server.client.get("/api/health").json() == {"status": "ok"}
        assert time.monotonic() - begun < 2
        server.client.delete(f"/api/jobs/{key}")
    assert server.head()["id"]


def test_a_full_disk_fails_what_must_be_written_and_nothing_else(small_disk, photo):
    """A real one: every write of the server, its worker and SQLite finds no room."""
    with serving(small_disk / "store") as server:
        server.ready()
        head = server.head("a man")
        filler = filled(small_disk)
        sent = server.client.post("/api/heads/photo", files={"photo": ("a.png", photo)})
        assert sent.status_code == 507 and "make room" in sent.json()["error"]["message"]
        asked = server.words("a woman")
        told = asked.json() if asked.status_code == 507 else server.job(asked)
        assert told["error"]["code"] == "disk_full" and "room" in told["error"]["message"]
        assert "Traceback" not in str(told) and str(small_disk) not in str(told)
        assert server.client.get(f"/api/heads/{head['id']}").json()["id"] == head["id"]
        assert server.client.get("/api/health").status_code == 200
        filler.unlink()
        again = server.head("a woman")
        kept = {folder.name for folder in (server.settings.folder / "heads").iterdir()}
        assert kept == {head["id"], again["id"]}, "nothing half written is left"
        assert list((server.settings.folder / "spool").iterdir()) == []


def test_a_head_that_cannot_be_written_leaves_nothing_behind(server):
    before = set((server.settings.folder / "heads").iterdir())
    told = server.job(server.words("disk full in the middle"))
    assert told["error"]["code"] == "disk_full" and "disk is full" in told["error"]["message"]
    assert set((server.settings.folder / "heads").iterdir()) == before
    assert server.head()["id"]


def late_to_tell(popen, seconds: float):
    """`poll` of a process whose end another thread has been told, which notes it some time after."""
    polled, ended = popen.poll, []

    def poll(flag=os.WNOHANG):
        if polled(flag) is not None:
            ended.append(time.monotonic())
        return popen.returncode if ended and time.monotonic() - ended[0] > seconds else None

    return poll


async def told_of_a_death(folder, seconds: float) -> tuple[int | None, bool]:
    """The exit code that a killed process is told with, and whether it counted as alive at that time."""
    told = asyncio.get_running_loop().create_future()

    def hear(supervisor, message):
        if message["event"] == "died":
            told.set_result((message["code"], supervisor.alive))

    supervisor = Supervisor(MODEL, "cpu", folder, False, hear)
    supervisor.start(asyncio.get_running_loop())
    supervisor._process._popen.poll = late_to_tell(supervisor._process._popen, seconds)
    os.kill(supervisor.process_id, signal.SIGKILL)
    return await asyncio.wait_for(told, 60)


def test_a_process_whose_end_another_thread_hears_first_is_dead_once_that_is_told(tmp_path):
    assert asyncio.run(told_of_a_death(tmp_path, 0.5)) == (-signal.SIGKILL, False)
