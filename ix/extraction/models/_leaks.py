"""Nothing of what a model is told comes back as a value: a document that asks for it, and a model that obeys, get
nothing out.

What a value or quote shares with the messages, and the pages do not say themselves, was not read. Runs of fewer than
`LEAK` characters pass: a name that the instructions mention as an example is what a field may be meant to hold."""

from __future__ import annotations

from dataclasses import replace

from ix.extraction.models import Leaf, Tree
from ix.extraction.models._prompt import Prompt

LEAK = 20
"""Characters, without blanks, from which a shared run is no coincidence."""


class Leaks:
    """Takes out of answers to `prompt` what they repeat of anything in it but the document. `found` counts them."""

    def __init__(self, prompt: Prompt) -> None:
        self._said, self._pages = _runs(prompt.system) | _runs(prompt.task), _folded(prompt.document)
        self.found = 0

    def without(self, values: dict[str, Tree]) -> dict[str, Tree]:
        """The answer with null for values that repeat the message, and without quotes that do."""
        return {name: self._tree(tree) for name, tree in values.items()}

    def _tree(self, tree: Tree) -> Tree:
        if isinstance(tree, Leaf):
            return self._leaf(tree)
        return [self._tree(member) for member in tree] if isinstance(tree, list) else self.without(tree)

    def _leaf(self, leaf: Leaf) -> Leaf:
        if self._repeats(leaf.value):
            self.found += 1
            return Leaf(None)
        return replace(leaf, quote=None) if self._repeats(leaf.quote) else leaf

    def _repeats(self, text: object) -> bool:
        return isinstance(text, str) and any(run in self._said and run not in self._pages for run in _runs(text))


def _runs(text: str) -> set[str]:
    folded = _folded(text)
    return {folded[at : at + LEAK] for at in range(len(folded) - LEAK + 1)}


def _folded(text: str) -> str:
    # without blanks, because models break lines anew
    return "".join(text.casefold().split())
