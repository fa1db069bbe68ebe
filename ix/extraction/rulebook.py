"""The official rules for electronic invoices, applied in a child process of their own where a setting names them.

Nothing here looks into an invoice, and nothing imports the processor but that child
(`ix.extraction.einvoice.schematron`)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from ix.config import DISTRIBUTION, MIB, Settings
from ix.errors import ConfigError, DocumentError, TimeLimitExceeded
from ix.extraction.processes.children import ChildDied, Children

TASK = "ix.extraction.einvoice.schematron"
PROCESSOR = "saxonche"
EXTRA = "schematron"
MEMORY = 512 * MIB
"""Data that the child may have, bytes: the rules of EN 16931 and an invoice take 200 MiB."""
SECONDS = 20.0
"""What one invoice may take, seconds of a processor; the largest of the official test suites take 0.2, and compiling
the rules before the first one half a second each."""
Said = tuple[str, str, str]
"""Code and message of a finding, and where in the XML it is."""


class Rulebook:
    """Applies the rules in the folder that `IX_EINVOICE_RULES` names; none where it names none."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.einvoice_rules
        self._children = Children(TASK, 1, MEMORY, data=True, readable=[self._folder] if self._folder else ())

    @property
    def has_rules(self) -> bool:
        """Whether a setting names rules."""
        return bool(self._folder)

    def check(self) -> None:
        """Raises `ConfigError` where rules are wanted and cannot be applied."""
        if not self._folder:
            return
        if find_spec(PROCESSOR) is None:
            raise ConfigError(
                f"IX_EINVOICE_RULES: needs the package {PROCESSOR}: pip install '{DISTRIBUTION}[{EXTRA}]'"
            )
        files = [one for end in ("xsl", "xslt") for one in Path(self._folder).rglob(f"*.{end}")]
        if not files:
            raise ConfigError(f"IX_EINVOICE_RULES: {self._folder} holds no compiled Schematron (*.xslt, *.xsl)")

    async def stop(self) -> None:
        """Ends the child that applies them."""
        await self._children.stop()

    async def files(self) -> Sequence[str]:
        """The names of the rule files, each of which the child has compiled. Raises `ChildDied` where it cannot."""
        body, _ = await self._children.call({"folder": self._folder}, seconds=10 * SECONDS, processor=SECONDS)
        return [str(name) for name in body["files"]]

    async def broken(self, invoice: bytes) -> list[Said]:
        """The rules that an invoice breaks, each with the file and version that has it, or why none were applied."""
        # what the rules cannot be asked of is still answered
        try:
            body, _ = await self._children.call(
                {"folder": self._folder}, [invoice], seconds=10 * SECONDS, processor=SECONDS
            )
        except (DocumentError, TimeLimitExceeded) as error:
            return [_unchecked(f"the rules of IX_EINVOICE_RULES were not applied: {error.message}")]
        except ChildDied as error:
            return [_unchecked(f"the rules of IX_EINVOICE_RULES were not applied: {error}")]
        if not body["files"]:
            return [_unchecked("no rules of IX_EINVOICE_RULES are for this kind of invoice")]
        return [_said(*one) for one in body["broken"]]


def _said(file: str, version: str, rule: str, flag: str, where: str, text: str) -> Said:
    by = f"{file} {version}".strip()
    name = f"{rule} ({flag})" if flag else rule
    return _finding("einvoice_schematron", f"{name}: {text} [{by}{f', {where}' if where else ''}]", where)


def _unchecked(reason: str) -> Said:
    return _finding("einvoice_unchecked", reason)


def _finding(code: str, message: str, where: str = "") -> Said:
    return code, message, where
