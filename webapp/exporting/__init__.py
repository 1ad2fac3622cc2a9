"""How an export is written: a table of facts, alone or in an archive with the originals.

No Flask and no database here.
"""

from webapp.exporting.archive import Archive, TableAlone
from webapp.exporting.table import COLUMNS, Picture

__all__ = ["COLUMNS", "Archive", "Picture", "TableAlone"]
