"""Rows, constraints and queries."""

from webapp.jobs.job import Job, JobLog, PausedQueue, ScheduleState, SweepState
from webapp.models import meaning, searchable_media, searchable_pages, searchable_posts  # noqa: F401  how each is found
from webapp.models.audit import Entry
from webapp.models.batch import Batch, BatchFile
from webapp.models.direct_upload import DirectUpload
from webapp.models.export import Export, ExportMedia
from webapp.models.former_file import FormerFile
from webapp.models.gallery import Gallery, Item
from webapp.models.invite import Invite
from webapp.models.media import Media, MediaTag, Rendition
from webapp.models.page import Block, Page, TextBlock
from webapp.models.picture import PictureBlock
from webapp.models.post import Post, PostTag
from webapp.models.search_text import SearchText
from webapp.models.user import ApiToken, SignIn, User
from webapp.models.webhook import Webhook
from webapp.search import rows  # noqa: F401  the tables of the index

__all__ = [
    "ApiToken", "Batch", "BatchFile", "Block", "DirectUpload", "Entry", "Export", "ExportMedia", "FormerFile",
    "Gallery", "Invite", "Item", "Job", "JobLog", "Media", "MediaTag", "Page", "PausedQueue", "PictureBlock",
    "Post", "PostTag", "Rendition", "ScheduleState", "SearchText", "SignIn", "SweepState", "TextBlock",
    "User", "Webhook",
]  # fmt: skip
