"""How far an export is, in words for whoever waits for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from webapp.jobs import Job
from webapp.jobs.states import RUNNING
from webapp.models.export import Export, newest_jobs
from webapp.models.progress import FAILED_WITHOUT_WORDS, Progress, counted, of_job


@dataclass(frozen=True)
class ExportState:
    export: Export
    job: Job | None

    @property
    def line(self) -> Progress:
        export, job = self.export, self.job
        if export.is_kept:
            return Progress("done", self._words_when_ready())
        if self.moving and job is not None:
            working = of_job(job, waiting="Waiting for its turn", working=self._words_while_working(), done="")
            return replace(working, job_id=None)  # it has a button of its own to try again
        if export.kept_until is not None:
            return Progress("cancelled", "No longer kept", at=export.kept_until)
        if job is None or not job.settled:
            return Progress("failed", f"Failed: {FAILED_WITHOUT_WORDS}")
        return replace(of_job(job, waiting="", working="", done="No longer kept"), job_id=None)

    def _words_when_ready(self) -> str:
        ready = f"Ready: {self._pictures(self.export.done)}"
        if not self.export.missing:
            return ready
        files = counted(self.export.missing, "file is", "files are")
        return f"{ready}; {files} missing, and named in the table of facts"

    def _words_while_working(self) -> str:
        if self.export.done >= self.export.planned:
            return "Storing the file"
        return f"{self.export.done:,} of {self._pictures(self.export.planned)}"

    @staticmethod
    def _pictures(count: int) -> str:
        return counted(count, "picture", "pictures")

    @property
    def moving(self) -> bool:
        """Something is still to come by itself."""
        return self.job is not None and not self.job.settled and not self.export.is_kept

    @property
    def shows_bar(self) -> bool:
        return self.job is not None and self.job.status == RUNNING and self.moving

    @property
    def can_make_again(self) -> bool:
        return not self.export.is_kept and (not self.moving or (self.job is not None and self.job.will_retry))


def states_of(exports: list[Export]) -> list[ExportState]:
    """One query for all of them."""
    jobs = newest_jobs(exports)
    return [ExportState(export, jobs.get(export.id)) for export in exports]
