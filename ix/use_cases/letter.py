"""`letter`: who writes to whom, when, about what, and until when an answer is wanted."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Date, Extraction, Result, checked, field

NAME = "letter"


class Letter(Result):
    """The head of a letter, and what it asks for."""

    model_config = checked(order=[("date", "deadline")], headline=["sender", "subject", "date"])

    sender: str | None = field("organisation", labels(NAME, "sender"), description="Who writes", expected=True)
    recipient: str | None = field(
        "organisation", labels(NAME, "recipient"), description="Whom it is addressed to: the first line of the address"
    )
    date: Date | None = field("date", labels(NAME, "date"), description="Day it was written", expected=True)
    subject: str | None = field("text", labels(NAME, "subject"), description="What it is about, without the label")
    reference: str | None = field(
        "identifier", labels(NAME, "reference"), description="The sender's own reference", side="issuer"
    )
    your_reference: str | None = field(
        "identifier", labels(NAME, "your_reference"), description="The recipient's reference", side="counterpart"
    )
    deadline: Date | None = field(
        "date", labels(NAME, "deadline"), description="Last day to answer or act, where the letter names one"
    )


USE_CASE = Extraction(
    NAME,
    Letter,
    "Reads a letter: sender, recipient, date, subject, references and deadline",
    "The document is a letter. The sender wrote it, the recipient is addressed in it. The subject is the line that "
    "says what it is about. The deadline is the last day on which an answer, a payment or an act is wanted. Write "
    "dates as YYYY-MM-DD.",
    titles(NAME),
)
