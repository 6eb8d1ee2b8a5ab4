"""Figures of a running server in Prometheus' text format."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from facegpt import __version__
from facegpt.serve.jobs import Job
from facegpt.serve.lane import Lane
from facegpt.serve.memory import memory_bytes

#: Upper ends of the classes of durations, seconds.
_CLASSES_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


@dataclass
class Metrics:
    """Counts since the start.

    Attributes:
        requests: by (method, route, status). jobs: by (kind, state).
        seconds: summed by kind of job. classes: jobs by (kind, upper end) of the time from asking to the end.
    """

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, float]] = field(default_factory=Counter)

    def job(self, job: Job) -> None:
        """Count a job that ended."""
        self.jobs[job.kind, job.state] += 1
        spent = (job.ended_at or job.created) - job.created
        self.seconds[job.kind] += spent  # type: ignore[assignment]
        for end in _CLASSES_S:
            self.classes[job.kind, end] += spent <= end

    def text(self, lanes: Mapping[str, Lane], stored: Mapping[str, int]) -> str:
        """All figures. stored: how many there are by kind of thing."""
        lines = [f'facegpt_info{{version="{__version__}"}} 1']
        for (method, route, status), count in sorted(self.requests.items()):
            lines.append(f'facegpt_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}')
        for (kind, state), count in sorted(self.jobs.items()):
            lines.append(f'facegpt_jobs_total{{kind="{kind}",state="{state}"}} {count}')
        for kind in sorted(self.seconds):
            count = sum(n for (k, _), n in self.jobs.items() if k == kind)
            for end in _CLASSES_S:
                told = self.classes[kind, end]
                lines.append(f'facegpt_job_seconds_bucket{{kind="{kind}",le="{end}"}} {told}')
            lines.append(f'facegpt_job_seconds_bucket{{kind="{kind}",le="+Inf"}} {count}')
            lines.append(f'facegpt_job_seconds_sum{{kind="{kind}"}} {self.seconds[kind]:.3f}')
            lines.append(f'facegpt_job_seconds_count{{kind="{kind}"}} {count}')
        for name, lane in lanes.items():
            told_of: dict[str, float] = {
                "queue": len(lane.waiting),
                "running": int(lane.running is not None),
                "ready": int(lane.ready),
            }
            told_of |= {"worker_restarts_total": lane.restarts, "worker_memory_bytes": lane.memory}
            told_of["worker_cpu_seconds"] = lane.cpu_s  # since that process started
            lines += [f'facegpt_{key}{{lane="{name}"}} {value}' for key, value in told_of.items()]
        lines.append(f"facegpt_web_memory_bytes {memory_bytes()}")
        lines.append(f"facegpt_web_cpu_seconds {time.process_time():.3f}")
        lines += [f'facegpt_stored{{kind="{kind}"}} {count}' for kind, count in stored.items()]
        return "\n".join(lines) + "\n"
