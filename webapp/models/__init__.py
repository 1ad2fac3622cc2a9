"""Rows, constraints and queries."""

from webapp.jobs.job import Job, JobLog, PausedQueue, ScheduleState, SweepState
from webapp.models.batch import Batch, BatchFile
from webapp.models.export import Export, ExportMedia
from webapp.models.gallery import Gallery, Item
from webapp.models.media import Media, MediaTag, Rendition
from webapp.models.page import Block, Page, TextBlock
from webapp.models.user import ApiToken, SignIn, User
from webapp.models.webhook import Webhook

__all__ = [
    "ApiToken", "Batch", "BatchFile", "Block", "Export", "ExportMedia", "Gallery", "Item", "Job", "JobLog", "Media",
    "MediaTag", "Page", "PausedQueue", "Rendition", "ScheduleState", "SignIn", "SweepState", "TextBlock", "User",
    "Webhook",
]  # fmt: skip
