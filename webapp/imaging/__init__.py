"""What Gallerist knows about picture files: what one is, and how to make smaller copies of it.

No Flask and no database here. `probe` looks at an upload without decoding it, `make_renditions` decodes
it once. Whatever is wrong with a file, both raise `BadImage`, whose text can be shown to an editor.
"""

from webapp.imaging.facts import Facts, probe
from webapp.imaging.kinds import MIME_TYPES
from webapp.imaging.renditions import FORMATS, HEAVY_FORMATS, SIZES, Picture, average_colour, make_renditions
from webapp.imaging.words import BadImage

__all__ = [
    "FORMATS",
    "HEAVY_FORMATS",
    "MIME_TYPES",
    "SIZES",
    "BadImage",
    "Facts",
    "Picture",
    "average_colour",
    "make_renditions",
    "probe",
]
