"""The two parsers behind ``custody acquire disk``.

`DiskListing` inventories a copied image; `DiskFiles` reads chosen files out of the
source image. Both use The Sleuth Kit through `evidence.parsing.disk_tsk` alone.
"""

from __future__ import annotations

from evidence.parsing.disk_files import DiskFiles
from evidence.parsing.disk_listing import DiskListing

__all__ = ["DiskFiles", "DiskListing"]
