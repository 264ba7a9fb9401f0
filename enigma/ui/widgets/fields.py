"""Fields of the form: each starts from the address, or else the spec's default, and has the spec's help text."""

import contextlib
from typing import Any

import streamlit as st

from enigma.spec.errors import InputError
from enigma.spec.limits import out_of_range
from enigma.spec.run_spec import RunSpec
from enigma.ui.widgets.markdown import escape_markdown

DEFAULT = RunSpec()


def choose(field: str, titles: dict[str, str], label: str | None = None) -> str:
    names, first = list(titles), start(field)
    return st.selectbox(
        label or field.capitalize(), names, index=names.index(first) if first in names else 0, key=f"spec.{field}",
        format_func=lambda name: titles[name], help=explained(field),
    )  # fmt: skip


def number(field: str, label: str) -> float | int:
    value = st.number_input(label, value=start(field), key=f"spec.{field}", help=explained(field))
    tell(label, out_of_range(field, value, label))
    return value


def wrong() -> list[str]:
    """Labels of the fields that the form, as far as it is drawn, has found something wrong with."""
    return st.session_state.setdefault("spec.wrong", [])


def tell(label: str, problem: str) -> None:
    """Says right below a field what is wrong with it, if anything is.

    Streamlit's own limits would put another number in place of what a person typed, without a word.
    """
    if problem:
        wrong().append(label)
        st.caption(f":red[{escape_markdown(problem)}]")


def optional(
    field: str, label: str, placeholder: str, *, step: float | int | None = None, **beside: Any
) -> dict[str, float | int]:
    """A number that may be left out; then the field is not in what is returned.

    Args:
        placeholder: what holds where it is left out.
        step: a whole number for a whole field.
        beside: fields without which this one makes no sense.
    """
    # Shown only now and then, it keeps what was typed meanwhile.
    value = st.number_input(
        label, value=start(field, **beside), step=step, placeholder=placeholder,
        key=f"spec.{field}", help=explained(field), persist_state="page",
    )  # fmt: skip
    if value is None:
        return {}
    tell(label, out_of_range(field, value, label))
    return {field: value}


def own_text(field: str, label: str, placeholder: str, **options: Any) -> str:
    key = f"spec.own.{field}"
    return st.text_input(label, placeholder=placeholder, key=key, help=explained(field), **options).strip()


def start(field: str, **beside: Any) -> Any:
    """What a link asks for, such as `method=eta` in the address, or else the default beside the other fields."""
    asked = {field: st.query_params[field]} if field in st.query_params else {}
    for named in (asked, {}):
        with contextlib.suppress(InputError):
            return getattr(RunSpec.parse({**beside, **named}), field)
    return getattr(DEFAULT, field)


def prefilled(field: str, **beside: Any) -> str:
    """Key of a field that starts again where its default changes with others, unless a person has changed it."""
    key, last, value = f"spec.{field}", f"spec.{field}.prefilled", start(field, **beside)
    if key not in st.session_state or (st.session_state[key] == st.session_state.get(last) != value):
        st.session_state[key] = value
    st.session_state[last] = value
    return key


def explained(field: str) -> str:
    return RunSpec.model_fields[field].description or ""
