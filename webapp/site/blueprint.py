"""What all public views share."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.site.text import paragraphs, xml_text

blueprint = Blueprint("site", __name__)
blueprint.add_app_template_filter(paragraphs)
blueprint.add_app_template_filter(xml_text)


@blueprint.after_request
def ask_each_time(response: Response) -> Response:
    """Unless a view says otherwise, nobody keeps an answer without asking; a 404 may be a page tomorrow."""
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
