"""Tags on the command line: `--tag key=value`."""

from __future__ import annotations

import argparse

from ix.job import Tag


def add_option(command: argparse.ArgumentParser) -> None:
    """Adds `--tag`, which may be repeated."""
    command.add_argument(
        "--tag",
        dest="tags",
        action="append",
        type=tag,
        default=[],
        metavar="KEY=VALUE",
        help="your own word for the job, which lists find it by; may be repeated",
    )


def add_filters(command: argparse.ArgumentParser) -> None:
    """Adds what lists find jobs by that have tags, or belong to a batch."""
    command.add_argument("--tag", type=tag, metavar="KEY=VALUE", help="those with this tag")
    command.add_argument("--batch", dest="batch_id", metavar="NAME", help="those of one batch")


def tag(text: str) -> Tag:
    """A tag as people write it. Raises `ArgumentTypeError`."""
    key, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return Tag.read(f"{key}:{value}")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def given(parsed: argparse.Namespace) -> dict[str, str]:
    """The tags of `--tag`, the last one of each key."""
    return dict(parsed.tags)


def wanted(parsed: argparse.Namespace) -> str | None:
    """The tag that a list is asked for, as the service reads it."""
    return ":".join(parsed.tag) if parsed.tag else None
