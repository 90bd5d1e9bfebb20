"""List the packages of the launch environment with their licences; fail on one that is not known to be free."""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Free licences under which the book may build on a package: SPDX names, then the words that packages use for them.
FREE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
WORDS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "CC0-1.0",
    "Python Software Foundation License": "PSF-2.0",
}


def packages() -> list[str]:
    """The names in requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([\w.-]+)==", text, re.M)))


def licence(package: Distribution) -> str:
    """What a package says of its licence: an SPDX expression, else its classifiers, else one line of words.

    Classifiers are joined by OR: where a package names several, a reader may choose among them.
    """
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    named = [c.rsplit(" :: ", 1)[1] for c in metadata.get_all("Classifier") or [] if c.startswith("License :: ")]
    if named:
        return " OR ".join(named)
    return str(metadata.get("License") or "").strip().split("\n")[0] or "not stated"


def is_free(text: str) -> bool:
    """Whether one of the alternatives holds free licences only.

    Brackets would need a parser: an expression with alternatives inside AND is refused, and then looked at.
    """
    return any(all(WORDS.get(part, part) in FREE for part in choice.split(" AND ")) for choice in text.split(" OR "))


def main() -> int:
    refused, absent = [], []
    for name in packages():
        try:
            package = distribution(name)
        except PackageNotFoundError:
            absent.append(name)  # for another system or version of Python
            continue
        text = licence(package)
        print(f"{name} {package.version}: {text}")
        if not is_free(text):
            refused.append(f"{name}: {text}")
    if absent:
        print(f"Not installed here: {', '.join(absent)}")
    for line in refused:
        print(f"make: not known to be a free licence: {line}", file=sys.stderr)
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
