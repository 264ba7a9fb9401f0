"""Whether who acts may change what lies in a home: asked where the change is made, so that no page gets round it.

Whoever uses the command line acts as the user of the machine. The page says who is signed in (`identified_by`).
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from enigma.spec.errors import EnigmaError, RefusedError
from enigma.store import durable, policy
from enigma.store.json_file import Form, read_object

OWNER = "owner.json"
"""Whose run it is, beside the recording and outside its manifest; it does not travel with the zip of a run."""

_READ_ONLY = (
    "Expected only to be looked at, because this server was started to show what is recorded; whoever runs it can "
    "start it without --read-only."
)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in.

    Attributes:
        key: who that is for certain: the issuer, and what it calls them for good.
        name: what others see.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    key: str
    name: str = ""


_FORM: Form = TypeAdapter(Person).validate_python
_identify: Callable[[], Person | None] = lambda: None  # noqa: E731


def identified_by(identify: Callable[[], Person | None]) -> None:
    """Says once, for the whole process, how to find out who is signed in where an action is carried out."""
    global _identify
    _identify = identify


def acting() -> Person | None:
    """Who is signed in; nobody on the command line, or where the server asks nobody to sign in."""
    return _identify() if policy.current().sign_in else None


def can_change() -> bool:
    """Whether anything may be changed from here by who acts."""
    now = policy.current()
    return not now.read_only and (not now.sign_in or acting() is not None)


def check_change() -> None:
    """Checks that something may be recorded, kept or deleted at all.

    Raises:
        RefusedError: this process only shows what is there, or nobody is signed in.
    """
    if policy.current().read_only:
        raise RefusedError(_READ_ONLY)
    if policy.current().sign_in and acting() is None:
        raise RefusedError("Expected who changes something to be signed in, but nobody is; sign in first.")


def is_own(key: str) -> bool:
    """Whether what belongs to the person of this key is that of who acts; on a server without sign-in, all is."""
    return not policy.current().sign_in or ((person := acting()) is not None and person.key == key)


def check_own(key: str, name: str, what: str) -> None:
    """Checks that something may be changed which belongs to somebody.

    Args:
        key: of the person whose it is, or empty.
        name: what others call them.
        what: is to be changed, such as 'run 429b4332ba79'.

    Raises:
        RefusedError: it is another person's, or nobody's.
    """
    check_change()
    if not is_own(key):
        whose = f"it belongs to {name or 'somebody else'}" if key else "it was not recorded by anybody who signed in"
        raise RefusedError(
            f"Expected {what} to be yours, but {whose}; only its owner can change it, or whoever runs this server by "
            "the command line."
        )


def check_run(folder: Path) -> None:
    """Checks that the run in a folder may be changed.

    Raises:
        RefusedError: it is not that of who acts, or nothing may be changed here.
    """
    check_change()
    if policy.current().sign_in:
        owner = owner_of(folder)
        check_own(owner.key, owner.name, f"run {folder.name}")


def may_change_run(folder: Path) -> bool:
    """Whether `check_run` would pass, so that the page offers nothing which is refused."""
    return can_change() and (not policy.current().sign_in or is_own(owner_of(folder).key))


def owner_of(folder: Path) -> Person:
    """Whose run it is; a person without a key where nobody's, or where the file that says so cannot be read."""
    if not (folder / OWNER).is_file():
        return Person("")
    try:
        found: Person = _FORM(read_object(folder / OWNER, _FORM))
    except EnigmaError:
        # What cannot be proved to be somebody's is nobody's, and stays as it is.
        return Person("")
    return found


def give(folder: Path, person: Person | None) -> None:
    """Notes whose a run is; the first to whom it is given keeps it."""
    if person is not None and person.key and not (folder / OWNER).exists():
        durable.write(folder / OWNER, json.dumps(asdict(person)).encode(), sync=False)
