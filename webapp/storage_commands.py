"""`flask storage`: moving the files between the disk and a bucket."""

from __future__ import annotations

import time

import click
from flask import current_app
from sqlalchemy import func, select

from webapp.command_group import InWords
from webapp.database import db
from webapp.models.direct_upload import DirectUpload
from webapp.models.progress import counted
from webapp.moving import COPIED, DAMAGED, MISSING, THERE, Move, Moved, count_files
from webapp.storage import LocalStorage, S3Storage, Storage, StorageError, connect_s3, scratch_folder
from webapp.template_helpers import filesize

storage_commands = InWords("storage", help="Where the files lie.")

TELL_EVERY = 2.0  # seconds
MOST_NAMED = 20
ARE_YOU_SURE = "Does every process of the site use the other storage by now, and has this been run since?"
REASONS = {
    MISSING: "missing at the source, although a row names it",
    DAMAGED: "not what its row says, so it was left where it is",
}


@storage_commands.command("migrate")
@click.option("--to", "target", type=click.Choice(["s3", "local"]), required=True, help="Where the files shall lie.")
@click.option("--verify", is_flag=True, help="Read and compare what is there already, too.")
@click.option("--delete-source", is_flag=True, help="Delete each file where it was, once its copy was read back.")
@click.option("--yes", is_flag=True, help="Don't ask before deleting.")
def migrate(target: str, verify: bool, delete_source: bool, yes: bool) -> None:
    """Copy every file that the site needs to S3_BUCKET, or from it to DATA_DIR.

    The site may run meanwhile. Broken off, it goes on where it was when it is run again. Nothing is deleted without
    --delete-source.
    """
    if delete_source and not yes:
        click.confirm(ARE_YOU_SURE, abort=True)
    source, goal = storages(target)
    moved = run(Move(source, goal, scratch_folder(), verify, delete_source))
    tell(moved, target, delete_source)
    if moved.trouble:
        raise SystemExit(1)


def storages(target: str) -> tuple[Storage, Storage]:
    """From and to."""
    settings = current_app.config["SETTINGS"]
    if not settings.s3_bucket:
        raise click.ClickException("Set S3_BUCKET and the keys for it: the bucket is one of the two sides.")
    disk = LocalStorage(settings.data_dir / "files")
    bucket = S3Storage(settings.s3_bucket, connect_s3(settings.s3_endpoint_url))
    try:
        disk.check()
        bucket.check()
    except StorageError as error:
        raise click.ClickException(str(error)) from None
    return (disk, bucket) if target == "s3" else (bucket, disk)


def run(move: Move) -> Moved:
    total, told_at, moved = count_files(), time.monotonic(), Moved()
    click.echo(f"{counted(total, 'file', 'files')} to go through.")
    try:
        for moved in move.run():
            if time.monotonic() - told_at > TELL_EVERY:
                told_at = time.monotonic()
                click.echo(f"{moved.done:,} of {total:,}, {filesize(moved.size)} copied.")
    except StorageError as error:
        words = f"Stopped after {moved.done:,} files: {error} Run it again, and it goes on from there."
        raise click.ClickException(words) from None
    return moved


def tell(moved: Moved, target: str, delete_source: bool) -> None:
    """What was done, and what is left."""
    copied, there = moved.files[COPIED], moved.files[THERE]
    click.echo(f"Copied {counted(copied, 'file', 'files')} ({filesize(moved.size)}); {there:,} were there already.")
    for outcome, key in moved.trouble[:MOST_NAMED]:
        click.echo(f"NOT COPIED  {key}: {REASONS[outcome]}.")
    if len(moved.trouble) > MOST_NAMED:
        click.echo(f"NOT COPIED  {len(moved.trouble) - MOST_NAMED:,} more.")
    if target == "local" and (waiting := uploads_that_wait()):
        click.echo(f"{counted(waiting, 'direct upload waits', 'direct uploads wait')} in the bucket to be taken.")
    click.echo(what_is_left(moved, target, delete_source))


def uploads_that_wait() -> int:
    sent = (DirectUpload.completed_at.is_not(None), DirectUpload.settled_at.is_(None))
    return db.session.scalar(select(func.count(DirectUpload.id)).where(*sent)) or 0


def what_is_left(moved: Moved, target: str, delete_source: bool) -> str:
    if delete_source:
        return f"Deleted {counted(moved.deleted, 'file', 'files')} at the source. What no row names was left there."
    if moved.files[COPIED]:
        how = "with S3_BUCKET" if target == "s3" else "without S3_BUCKET"
        return f"Left: start every process {how}, then run this once more for what came in the meantime."
    return "Left: nothing to copy. The files at the source stay until you run this with --delete-source."
