"""The `flask` commands."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app, url_for
from sqlalchemy import select

from webapp.command_group import InWords
from webapp.database import db
from webapp.doctor import init_doctor
from webapp.jobs.cli import job_commands
from webapp.models import people
from webapp.models import user as users
from webapp.models.avif import queue_missing_avif
from webapp.models.invite import new_link
from webapp.models.progress import counted
from webapp.models.user import User
from webapp.search_commands import search_commands
from webapp.storage_commands import storage_commands

user_commands = InWords("users", help="Accounts and API tokens.", refusals=(users.UnfitAccount, people.NotAllowed))
media_commands = InWords("media", help="Pictures.")


def init_cli(app: Flask) -> None:
    app.cli.add_command(user_commands)
    app.cli.add_command(job_commands)
    app.cli.add_command(media_commands)
    app.cli.add_command(search_commands)
    app.cli.add_command(storage_commands)
    init_doctor(app)


@user_commands.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(users.ROLES), default=users.EDITOR, show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, without asking.")
def create(email: str, role: str, password_stdin: bool) -> None:
    """Make an account."""
    if password_stdin:
        password = typed_password()
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    user = users.create_user(email, password, role)
    click.echo(f"Made the {user.role} account {user.email}.")


def typed_password() -> str:
    typed = sys.stdin.buffer.readline().rstrip(b"\r\n")
    try:
        return typed.decode()
    except UnicodeDecodeError:
        raise click.ClickException("The password isn't UTF-8 text. Send it in UTF-8, as browsers do.") from None


@user_commands.command("token")
@click.argument("email")
def token(email: str) -> None:
    """Print a new API token. It is shown this once."""
    click.echo(users.new_api_token(email))


@user_commands.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a one-time link with which somebody chooses a new password; also for the only admin."""
    _, key = new_link(people.person_with(email).id)
    settings = current_app.config["SETTINGS"]
    with current_app.test_request_context(base_url=settings.server_url or f"http://127.0.0.1:{settings.port}"):
        click.echo(url_for("invite.open_link", key=key, _external=True))


@user_commands.command("list")
def list_users() -> None:
    """Print every account."""
    for user in db.session.scalars(select(User).order_by(User.email)):
        state = "disabled" if not user.active else "active" if user.has_joined else "invited"
        click.echo(f"{user.email}\t{user.role}\t{state}")


@user_commands.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """End an account's sessions and tokens and let nobody in any more."""
    people.disable(people.person_with(email).id)
    click.echo(f"Disabled {email}.")


@media_commands.command("avif")
def avif() -> None:
    """Make the AVIF renditions of pictures that have none, in the background."""
    click.echo(f"Asked for those of {counted(queue_missing_avif(), 'picture', 'pictures')}.")
