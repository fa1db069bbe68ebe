"""A mailbox that is watched, on a real IMAP server."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from ix.client import Client
from tests.cli.test_commands import RECEIPT
from tests.cli.watching.conftest import Watch, told
from tests.mailserver import PASSWORD, MailServer, mail_server

TLS = Path(__file__).parents[2] / "tls"


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(TLS / "old.crt", TLS / "old.key") as server:
        yield server


@pytest.fixture(autouse=True)
def emptied(mail: MailServer) -> None:
    mail.remove_all()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(PASSWORD)
    return path


def message(total: str) -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = f"Receipt of {total}", "shop@example.test", "clerk@example.test"
    made.set_content("The receipt is attached.")
    made.add_attachment(RECEIPT.replace("3.70", total), filename="receipt.txt")
    return made.as_bytes()


def test_messages_become_jobs_and_stay_unread(
    watch: Watch, mail: MailServer, secret: Path, service_url: str, tmp_path: Path
) -> None:
    address = f"imaps://clerk%40example.test@localhost:{mail.tls}/INBOX"
    asked = ("--use-case", "receipt", "--password-file", secret)
    mail.deliver(message("5.70"))
    trusted = {"SSL_CERT_FILE": str(mail.certificate)}
    (line,) = told(watch(address, *asked, **trusted))
    with Client(service_url) as client:
        job = client.wait(line["ix_id"])
    assert job.document == line["name"]
    assert "5.7" in job.model_dump_json()
    mail.deliver(message("6.70"))
    assert len(told(watch(address, *asked, **trusted))) == 1
    assert told(watch(address, *asked, **trusted)) == []
    assert mail.unread() == 2


def test_the_same_message_twice_is_a_duplicate(watch: Watch, mail: MailServer, secret: Path) -> None:
    address = f"imap://clerk%40example.test@127.0.0.1:{mail.plain}/INBOX"
    same = message("7.70")
    mail.deliver(same)
    mail.deliver(same)
    first, second = told(watch(address, "--password-file", secret))
    assert second["duplicate_of"] == first["ix_id"]


@pytest.mark.parametrize(
    ("host", "box", "word", "says"),
    [
        ("localhost:{tls}", "INBOX", "another word", "AUTHENTICATIONFAILED"),
        ("localhost:{tls}", "no such box", PASSWORD, "cannot be opened"),
        ("127.0.0.1:1", "INBOX", PASSWORD, "does not answer"),
    ],
)
def test_what_fails_is_said_without_the_password(
    watch: Watch, mail: MailServer, secret: Path, host: str, box: str, word: str, says: str
) -> None:
    secret.write_text(word)
    address = f"imaps://clerk%40example.test@{host.format(tls=mail.tls)}/{box}"
    done = watch(address, "--password-file", secret, SSL_CERT_FILE=str(mail.certificate))
    assert done.code == 1
    assert says in done.err
    assert word not in done.err


def test_a_certificate_that_nobody_vouches_for_is_no_mailbox(watch: Watch, mail: MailServer, secret: Path) -> None:
    address = f"imaps://clerk%40example.test@localhost:{mail.tls}/INBOX"
    done = watch(address, "--password-file", secret)
    assert done.code == 1
    assert "CERTIFICATE_VERIFY_FAILED" in done.err
