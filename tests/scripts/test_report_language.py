"""The real command: `custody report --language`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk
from tests.unit.evidence.report.reading import Pdf
