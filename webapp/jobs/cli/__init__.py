"""`flask jobs …`: what the jobs pages do, at a terminal."""

from webapp.jobs.cli import changing, looking, running
from webapp.jobs.cli.group import job_commands

__all__ = ["changing", "job_commands", "looking", "running"]
