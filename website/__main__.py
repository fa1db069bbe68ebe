"""`python -m website [FOLDER]`: builds the site into a folder, `site` unless it is named."""

from __future__ import annotations

import sys
from pathlib import Path

from website.building import build

if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "site")
    build(target)
    print(f"{target / 'index.html'}")
