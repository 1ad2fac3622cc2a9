"""The web process: `app` for any WSGI server and for the `flask` command; `python wsgi.py` serves it."""

from __future__ import annotations

from webapp import create_app
from webapp.serving import serve
from workers.perform import perform_job

app = create_app(perform_job=perform_job)

if __name__ == "__main__":
    serve(app)
