"""Jobs shared out over the machines of a Ray cluster: results in the jobs' order, in constant memory.

The same contract as `job_stream.results_in_order`. Each node needs the same version of this package; files are read and
written by the nodes, so that folders lie on a disk that all of them see.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

from facegpt.errors import FaceGPTError
from facegpt.runtime.extras import needed
from facegpt.runtime.job_stream import IN_FLIGHT, Once
from facegpt.runtime.sharing import HERE, check_where

Job = TypeVar("Job")
Result = TypeVar("Result")

#: A job whose process or node dies is begun so many times in all.
MOST_TRIES = 3
#: How long a cluster may take to begin its processes (nodes that are busy, or begin themselves), s.
PATIENCE_S = 300.0


def _version() -> str:
    """The version of this package; the package itself is looked up late, since it imports all layers."""
    return str(import_module("facegpt").__version__)


class _Worker:
    """Does jobs on a node, one after the other; its model is made by the first."""

    def __init__(self, work: Callable[..., Any], make: Callable[[], Any]) -> None:
        self._work, self._make = work, Once(make)

    def version(self) -> str:
        """The version of this package on the node."""
        return _version()

    def do(self, job: Any) -> Any:
        """The result of a job."""
        return self._work(job, self._make)


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Ray, joined to a cluster; left afterwards.

    Args:
        address: "ray" for a cluster that runs on this machine, or else a new one on it; "ray://HOST:PORT" for a
            cluster's client port; "HOST:PORT" for the head of a cluster that this machine is a node of.

    Raises:
        FaceGPTError: if Ray is not installed or no cluster answers there.
    """
    ray = needed("ray", "a Ray cluster")
    options: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False, "ignore_reinit_error": True}
    joined = not ray.is_initialized()
    try:
        if joined and address == HERE:
            _join_or_start(ray, options)
        elif joined:
            check_where(address)
            ray.init(address, **options)
    except FaceGPTError:
        raise
    except Exception as error:  # Ray's client raises errors of many kinds
        raise FaceGPTError(f"no Ray cluster answers at '{address}' ({error.__class__.__name__}: {error})") from error
    try:
        yield ray
    finally:
        if joined:
            ray.shutdown()


def _join_or_start(ray: Any, options: dict[str, Any]) -> None:
    """Join the cluster that runs on this machine, or start one on it."""
    try:
        ray.init("auto", **options)
    except ConnectionError:
        ray.init(include_dashboard=False, **options)


def results_in_order(
    address: str,
    jobs: Iterable[Job],
    work: Callable[[Job, Callable[[], Any]], Result],
    make: Callable[[], Any],
    workers: int | None,
    died: Callable[[Job], Result],
) -> Generator[Result, None, None]:
    """Results of jobs done on a cluster, in the jobs' order; jobs are taken from their iterable as they are needed.

    Args:
        address: of the cluster, as in `connected`.
        jobs: what can be pickled, as all that follows.
        work: does one job with what `make` gives; a function of a module.
        make: gives what the jobs share; called at most once in each process.
        workers: processes, each with one core; None for one a core of the cluster.
        died: gives the result of a job whose processes died.

    Raises:
        FaceGPTError: as `connected`; if a node has another version of this package.
    """
    with connected(address) as ray:
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        team = _Team(ray, count, (work, make))
        try:
            team.check_versions()
            yield from _through(team, iter(jobs), died)
        finally:
            team.end()


@dataclass
class _Begun:
    """A job that a worker has."""

    job: Any
    place: int
    worker: Any
    future: Any
    tries: int = 1


@dataclass
class _Team:
    """Workers of a cluster, and how many jobs each has.

    Attributes:
        ray: the module, joined to the cluster.
        count: workers.
        arguments: of each worker.
    """

    ray: Any
    count: int
    arguments: tuple[Any, ...]
    _workers: list[Any] = field(default_factory=list)
    _load: list[int] = field(default_factory=list)
    _awaited: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._workers = [self._hire() for _ in range(self.count)]
        self._load = [0] * self.count

    def _hire(self) -> Any:
        return self.ray.remote(num_cpus=1, max_restarts=0)(_Worker).remote(*self.arguments)

    def check_versions(self) -> None:
        """Find out before the work that all nodes have this package in this version. Raises FaceGPTError."""
        found = {self._version(worker) or self._begun_anew(k) for k, worker in enumerate(self._workers)}
        if None in found:
            raise FaceGPTError(f"a node cannot load facegpt {_version()}; install it on every node")
        if wrong := sorted(str(version) for version in found - {_version()}):
            raise FaceGPTError(f"a node has facegpt {wrong[0]} and this machine {_version()}; install the same on all")

    def _begun_anew(self, place: int) -> str | None:
        """The version of a new worker in the place of one that died."""
        worker = self._replaced(place)
        del self._awaited[place]
        return self._version(worker)

    def _version(self, worker: Any) -> str | None:
        """The version that a worker has, or None if it died. Raises FaceGPTError if it does not begin."""
        try:
            return str(self.ray.get(worker.version.remote(), timeout=PATIENCE_S))
        except self.ray.exceptions.GetTimeoutError as error:
            raise FaceGPTError(f"the cluster has not begun {self.count} processes within {PATIENCE_S:.0f} s") from error
        except self.ray.exceptions.RayError:
            return None

    def _replaced(self, place: int) -> Any:
        """A new worker in the place of one that died; it is given jobs once it has begun, for cores may be gone too."""
        self._workers[place], self._load[place] = self._hire(), 0
        self._awaited[place] = self._workers[place].version.remote()
        return self._workers[place]

    def _has_begun(self, place: int) -> bool:
        """Whether a worker runs; those that are not awaited do."""
        if place in self._awaited and self.ray.wait([self._awaited[place]], timeout=0)[0]:
            try:
                self.ray.get(self._awaited.pop(place))
            except self.ray.exceptions.RayActorError:
                self._replaced(place)
        return place not in self._awaited

    def _running(self) -> list[int]:
        """Places of the workers that run; waits for one if none does."""
        while not (running := [k for k in range(self.count) if self._has_begun(k)]):
            self.ray.wait([*self._awaited.values()], timeout=1.0)
        return running

    @property
    def room(self) -> bool:
        """Whether a worker may take another job."""
        return min(self._load[k] for k in self._running()) < IN_FLIGHT

    def begin(self, job: Any, tries: int = 1) -> _Begun:
        """Give a job to the worker who has the fewest."""
        place = min(self._running(), key=lambda k: self._load[k])
        self._load[place] += 1
        worker = self._workers[place]
        return _Begun(job, place, worker, worker.do.remote(job), tries)

    def result(self, begun: _Begun) -> Any:
        """What a job gave. Raises Ray's ActorDiedError if its worker is gone; another is hired in its place."""
        try:
            return self.ray.get(begun.future)
        except self.ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self.ray.exceptions.RayActorError:
            if self._workers[begun.place] is begun.worker:  # several of its jobs were under way: one new worker for all
                self._replaced(begun.place)
            raise
        finally:
            if self._workers[begun.place] is begun.worker:
                self._load[begun.place] -= 1

    def end(self) -> None:
        """Let all workers go, whatever they do."""
        for worker in self._workers:
            self.ray.kill(worker)


def _through(team: _Team, left: Iterator[Any], died: Callable[[Any], Any]) -> Iterator[Any]:
    """Results in order; a job whose worker died is begun again, MOST_TRIES times in all."""
    running: deque[_Begun] = deque()
    while True:
        while team.room:
            try:
                running.append(team.begin(next(left)))
            except StopIteration:
                break
        if not running:
            return
        begun = running.popleft()
        try:
            yield team.result(begun)
        except team.ray.exceptions.RayActorError:
            if begun.tries >= MOST_TRIES:
                yield died(begun.job)
            else:
                running.appendleft(team.begin(begun.job, begun.tries + 1))
