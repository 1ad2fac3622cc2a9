"""Every setting: its default, its unit and why it exists. Each is read from the environment by the same name."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent
UNIX_SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 104 on macOS and 108 on Linux
WEAK_SECRETS = ("development", "password", "changeme", "secret", "dev", "test")  # longest first
FEWEST_CHARACTERS = 8  # that are different, in a secret
DATABASE_ADDRESS = re.compile(r"(postgres|postgresql(\+psycopg)?|sqlite)://")
HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class SettingsError(SystemExit):
    """The environment holds a setting that can't be used; the message says which and what to do.

    Whatever process does not catch it ends with these words alone.
    """


@dataclass(frozen=True)
class Allowed:
    """Whom outgoing calls may reach although they are not public."""

    hosts: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    # Where it runs
    app_env: Literal["development", "production"] = Field(default_factory=lambda: _environment_default())
    host: str = "127.0.0.1"  # address the web process listens on
    port: int = Field(8000, ge=0, le=65535)
    server_url: str = ""  # public address, e.g. https://pictures.example; used in links and to check Host
    data_dir: Path = ROOT / "var"  # database, Valkey and files of `make run`
    demo: bool = True  # fill an empty library with demo content on `make run`
    trusted_proxies: int = Field(default_factory=lambda: 1 if "DYNO" in os.environ else 0, ge=0)
    web_threads: int = Field(8, ge=1)  # requests answered at once by one web process
    log_level: str = "INFO"
    sentry_dsn: str = ""  # errors are told to Sentry, with the package sentry-sdk; nothing that people send goes along

    # Secrets
    secret_key: str = ""  # signs cookies; made and kept in DATA_DIR when unset in development
    cron_secret: str = ""  # bearer for the two run endpoints; they are closed to bearers when unset

    # Parts
    database_url: str = ""  # SQLite in DATA_DIR when unset; postgres:// is accepted
    database_pool_size: int = Field(10, ge=1)  # connections a process keeps
    database_pool_overflow: int = Field(5, ge=0)  # and so many more for a moment, on PostgreSQL
    database_pool_timeout: float = 5  # seconds a request waits for one of them, and is then told to try again
    database_statement_timeout: float = Field(30, ge=0)  # seconds on PostgreSQL; in workers JOB_TIMEOUT; 0: any
    redis_url: str = ""  # the embedded Valkey's private socket when unset; redis:// rediss:// unix://
    redis_tls_verify: bool = True  # 0: take any certificate of a rediss:// server; Heroku's sign themselves
    redis_timeout: float = 0.5  # seconds a web request waits for Redis before it goes on without
    s3_bucket: str = ""  # files go here when set, to DATA_DIR/files otherwise
    s3_endpoint_url: str | None = None
    s3_timeout: float = 5  # seconds that a web request waits for its answer, twice; workers have six times as long
    direct_uploads: bool = True  # browsers send files straight to S3, if the bucket's CORS lets them
    renditions_url: str = ""  # a public bucket or a CDN before it, from which visitors fetch what everybody may see

    # Calls to other programs (webhooks) go to public addresses only, so that nobody can reach what is behind our walls
    outgoing_allow: str = ""  # hosts and networks, with commas, that may be called all the same: hooks.lan,10.1.0.0/16

    # Uploads
    max_upload_bytes: int = Field(20 * 1024 * 1024, ge=1)  # of one picture
    max_request_bytes: int = Field(400 * 1024 * 1024, ge=1)  # of one form with many pictures
    max_daily_upload_bytes: int = Field(100 * 1024**3, ge=0)  # that one account may send within a day; 0: any number
    max_pixels: int = Field(50_000_000, ge=1)
    avif_renditions: bool = True  # made after the others, when nothing else waits; a fifth less to load for visitors

    # Search by meaning
    embedder: Literal["", "local", "openai", "off"] = ""  # unset: openai when there is a key, local otherwise
    openai_api_key: str = ""  # of OpenAI, or of any server that speaks its protocol
    openai_base_url: str | None = None  # of that server
    embedding_model: str = "text-embedding-3-small"  # of that server; after another one: flask search reindex
    embedding_dims: int = Field(1024, ge=8, le=4096)  # numbers a text, asked of that server
    upstash_vector_rest_url: str = ""  # vectors are kept there when set, in our database otherwise
    upstash_vector_rest_token: str = ""

    # Answers at /ask, from what everybody may read
    chat_model: str = ""  # of the server of OPENAI_API_KEY and OPENAI_BASE_URL; without both there is no /ask

    # Jobs
    sweep_interval: float = 60  # seconds between two sweeps
    job_lease: float = 60  # seconds a silent worker keeps its job; renewed at a third of it
    job_timeout: int = Field(600, ge=1)  # seconds after which RQ stops a job
    worker_niceness: int = Field(10, ge=0, le=19)  # so much later than the web process on the same machine; 0: alike
    shutdown_grace: int = Field(10, ge=0)  # seconds a running job gets after SIGTERM before it is released
    keep_succeeded_days: float = 7  # then the row and its log are deleted; 0 deletes with the next sweep
    keep_cancelled_days: float = 7
    keep_failed_days: float = 90

    # Pictures
    keep_replaced_days: float = 7  # days that a replacement can be undone; then the file before is deleted

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @field_validator("sweep_interval", "job_lease", "redis_timeout", "database_pool_timeout", "s3_timeout")
    @classmethod
    def _positive(cls, seconds: float) -> float:
        if seconds <= 0:
            raise ValueError("must be more than 0 seconds")
        return seconds

    @field_validator("database_url")
    @classmethod
    def _of_a_database(cls, url: str) -> str:
        if url and not DATABASE_ADDRESS.match(url):
            raise ValueError("must be an address such as postgres://user:password@host/name")
        return url

    @field_validator("redis_url")
    @classmethod
    def _of_redis(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ValueError(
                "must be an address such as redis://host:6379, rediss://host:6379 or unix:///run/valkey.sock"
            )
        return url

    @field_validator("s3_endpoint_url", "openai_base_url")
    @classmethod
    def _of_a_server(cls, url: str | None) -> str | None:
        if url and not is_on_the_web(url):
            raise ValueError("must be an address such as https://storage.example")
        return url

    @field_validator("upstash_vector_rest_url")
    @classmethod
    def _https(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (not parts.hostname or parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost")):
            raise ValueError("must be an address such as https://name-vector.upstash.io")
        return url.rstrip("/")

    @field_validator("renditions_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        if url and (not is_on_the_web(url) or urlsplit(url).query or urlsplit(url).fragment):
            raise ValueError("must be an address such as https://pictures.example or https://cdn.example/gallerist")
        return url.rstrip("/")

    @field_validator("outgoing_allow")
    @classmethod
    def _readable(cls, listed: str) -> str:
        allowed(listed)
        return listed

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.upstash_vector_rest_url and not self.upstash_vector_rest_token:
            raise ValueError("UPSTASH_VECTOR_REST_URL is set, and UPSTASH_VECTOR_REST_TOKEN is missing.")
        if self.app_env == "production":
            refuse_weak_secrets(self)
        try:
            self.secret_key = self.secret_key or kept_secret(self.data_dir)
        except OSError as error:
            raise ValueError(f"DATA_DIR can't be used: {error}. Name a folder that this user may write to.") from None
        self.database_url = sqlalchemy_url(self.database_url, self.data_dir)
        self.redis_url = self.redis_url or f"unix://{valkey_socket(self.data_dir)}"
        if not self.redis_tls_verify:
            self.redis_url = without_verifying(self.redis_url)
        return self

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def embedder_kind(self) -> Literal["local", "openai", "off"]:
        return self.embedder or ("openai" if self.openai_api_key else "local")

    @property
    def allowed_outgoing(self) -> Allowed:
        return allowed(self.outgoing_allow)


def load() -> Settings:
    """The settings of this process.

    Raises SettingsError with words for whoever starts it.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])).upper() or 'Settings'}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        ]
        raise SettingsError("\n".join(lines)) from None


def for_worker(settings: Settings) -> Settings:
    """A job has a time limit of its own, and one that gave up must not leave its statement running in the database.

    Nobody waits for a job at a screen, so it has more patience with the bucket.
    """
    settings.s3_timeout *= 6
    if settings.database_statement_timeout:
        settings.database_statement_timeout = max(settings.database_statement_timeout, settings.job_timeout)
    return settings


def is_on_the_web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def refuse_weak_secrets(settings: Settings) -> None:
    hint = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
    if is_weak(settings.secret_key, 24):
        raise ValueError(f"SECRET_KEY is missing or weak; production needs 24 characters or more. {hint}")
    if settings.cron_secret and is_weak(settings.cron_secret, 16):
        raise ValueError(f"CRON_SECRET is weak; production needs 16 characters or more. {hint}")


def is_weak(secret: str, shortest: int) -> bool:
    """Too short, of the same few characters again and again, or made of words that stand in every guide."""
    rest = secret.lower()
    for word in WEAK_SECRETS:
        rest = rest.replace(word, "")
    return len(secret) < shortest or len(set(rest)) < FEWEST_CHARACTERS


def kept_secret(data_dir: Path) -> str:
    """The key in DATA_DIR/secret_key, made on the first start; so sessions live through a restart."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def allowed(listed: str) -> Allowed:
    """Of hosts, addresses and networks with commas between them. Raises ValueError naming what is none."""
    hosts, networks = set(), []
    for entry in filter(None, (part.strip().lower() for part in listed.split(","))):
        try:
            networks.append(ip_network(entry))
        except ValueError:
            if not HOST_NAME.fullmatch(entry) or entry.rpartition(".")[2].isdecimal():
                raise ValueError(f"{entry!r} is neither a host nor a network such as 10.1.0.0/16") from None
            hosts.add(entry)
    return Allowed(frozenset(hosts), tuple(networks))


def sqlalchemy_url(url: str, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'gallerist.db'}"
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgres", "postgresql") else url


def without_verifying(redis_url: str) -> str:
    """Said in the address, where every client of Redis reads it; a platform may change the rest of it at any time."""
    parts = urlsplit(redis_url)
    if parts.scheme != "rediss" or "ssl_cert_reqs" in parts.query:
        return redis_url
    return redis_url + ("&" if parts.query else "?") + "ssl_cert_reqs=none"


def valkey_socket(data_dir: Path) -> Path:
    """Where the embedded Valkey listens: in DATA_DIR, or in a private temporary folder if that path is too long."""
    socket = data_dir / "valkey" / "valkey.sock"
    if len(os.fsencode(socket)) <= UNIX_SOCKET_PATH_LIMIT:
        return socket
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"gallerist-{os.getuid()}-{name}" / "valkey.sock"


def _environment_default() -> Literal["development", "production"]:
    return "production" if "DYNO" in os.environ else "development"
