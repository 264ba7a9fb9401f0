"""What a server that others reach lets them do: read from one file, and handed to the server's process.

Without one, a process is its user's own and may do everything: so the command line, and the dashboard on localhost.
"""

import difflib
import ipaddress
import json
import os
import re
import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from enigma.spec.errors import InputError

VARIABLE = "ENIGMA_POLICY"
"""Environment variable that holds the policy of a process, as JSON."""

FILE = "server.toml"
"""Name of the configuration file in the home of a server."""


class Policy(BaseModel):
    """Who may do what.

    >>> Policy(folders=["/"]).restricted
    True

    Raises:
        pydantic.ValidationError: from the constructor; `read` says it in one sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    restricted: bool = Field(True, description="Whether only bundled, uploaded and allowed things are read.")
    read_only: bool = Field(False, description="Whether the page only shows what is recorded.")
    sign_in: bool = Field(False, description="Whether nothing is shown to who has not signed in.")
    folders: tuple[str, ...] = Field((), strict=False, description="Folders that may be read, with all below them.")
    modules: tuple[str, ...] = Field((), strict=False, description="Modules and model libraries that may be imported.")
    disk_gigabytes: float | None = Field(50.0, ge=0, description="Of the home, before anything is added to it.")
    upload_megabytes: int = Field(200, ge=1, description="Of one upload.")
    queued_jobs_per_person: int | None = Field(20, ge=0, description="Jobs that wait or run.")
    runs_per_person: int | None = Field(1000, ge=0, description="Recorded and imported runs.")

    @field_validator("folders")
    @classmethod
    def _folders_are_there(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for folder in value:
            if not Path(folder).is_absolute() or not Path(folder).is_dir():
                raise ValueError(f"whole paths of folders that are there, but got {folder!r}")
        return value

    @field_validator("modules")
    @classmethod
    def _modules_are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not re.fullmatch(r"\w+(\.\w+)*", name):
                raise ValueError(f"names of modules, such as 'my_models', but got {name!r}")
        return value

    @classmethod
    def read(cls, path: Path) -> "Policy":
        """The policy in a configuration file.

        Raises:
            InputError: it cannot be read, or says something that is not known.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(
                f"Expected {path} to be the configuration of a server in TOML, but got: {error}."
            ) from error
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError(f"Expected in {path} {_sentence(error)}") from error


UNRESTRICTED = Policy(restricted=False, disk_gigabytes=None, queued_jobs_per_person=None, runs_per_person=None)
"""Of a process that is its user's own."""

READ_ONLY = UNRESTRICTED.model_copy(update={"read_only": True})


def policy_for(address: str, home: Path, file: Path | None = None, *, read_only: bool = False) -> Policy:
    """The policy of a server: of its configuration file, or else restricted unless it listens to this machine only.

    Args:
        address: that it listens on.
        file: its configuration; default: `server.toml` in the home, where there is one.
        read_only: whether the page only shows what is recorded, whatever the file says.

    Raises:
        InputError: the file cannot be used.
    """
    file = file or (home / FILE if (home / FILE).exists() else None)
    found = Policy.read(file) if file else UNRESTRICTED if is_loopback(address) else Policy()
    return found.model_copy(update={"read_only": True}) if read_only else found


def is_loopback(address: str) -> bool:
    """Whether only programs on this machine reach who listens there.

    >>> [is_loopback(address) for address in ("localhost", "127.0.0.2", "::1", "0.0.0.0", "", "my-server")]
    [True, True, True, False, False, False]
    """
    try:
        return address.lower() == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def current() -> Policy:
    """The policy of this process."""
    return _parsed(os.environ.get(VARIABLE, ""))


def exported(policy: Policy) -> dict[str, str]:
    """The environment variable that hands a policy to a process."""
    return {VARIABLE: policy.model_dump_json()}


def own_environment() -> dict[str, str]:
    """The environment of a process that does what was asked and allowed before: without the policy."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


@lru_cache(maxsize=8)
def _parsed(text: str) -> Policy:
    return Policy.model_validate_json(text) if text else UNRESTRICTED


def _sentence(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Policy.model_fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(Policy.model_fields)}."
        return f"what a server can be told, but got {name!r}; {hint}"
    if problem["type"] == "value_error":
        return f"`{name}` to be {problem['ctx']['error']}."
    wanted = re.sub(r"^(Input|Value) should (be )?", "", problem["msg"])
    return f"`{name}` to be {wanted}, but got {json.dumps(problem['input'], default=str)[:80]}."


def described(policy: Policy) -> str:
    """In one line, what whoever starts a server should know of it.

    >>> described(UNRESTRICTED)
    'Everything is allowed.'
    """
    if not policy.restricted:
        return "Only shows what is recorded." if policy.read_only else "Everything is allowed."
    read = ", ".join(policy.folders) or "none"
    code = ", ".join(policy.modules) or "none"
    told = f"Restricted to bundled and uploaded things; folders: {read}; modules: {code}."
    return f"{told} Only shows what is recorded." if policy.read_only else told
