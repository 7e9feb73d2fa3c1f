"""The options of the import that is being prepared in this tab, apart from their widgets.

What a person has set lies in one dict, by the names of `ImportOptions`. A widget is filled from it
when it appears and writes to it when it is changed, so that an option may be decided at a question
first and be found among the options later. What was never set comes from the data set that is added
to, else is as found.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions

_SET = "import_set"
_PREFIX = "import_option_"
_BASIS = "import_basis"


def key(name: str, part: str = "", *, asked: bool = False) -> str:
    """The key of an option's widget: another one at a question than among the options."""
    return f"{_PREFIX}{'ask_' if asked else ''}{name}{'_' + part if part else ''}"


def given() -> dict[str, Any]:
    """What was set in this tab."""
    values: dict[str, Any] = st.session_state.setdefault(_SET, {})
    return values


def begin(source: str, dataset_options: Mapping[str, Any]) -> None:
    """Start anew where the files are others, or where the data set's own options are others."""
    basis = (source, dict(dataset_options))
    before = st.session_state.get(_BASIS)
    if before == basis:
        return
    if before is None or before[0] != source:
        st.session_state[_SET] = {}
    _forget_widgets()
    st.session_state[_BASIS] = basis


def reset() -> None:
    """Take back all that was set in this tab."""
    st.session_state[_SET] = {}
    _forget_widgets()


def options() -> ImportOptions:
    """The options that the look and the import are to use.

    Raises:
        OptionError: if one is outside its accepted range.
    """
    return ImportOptions.from_json(_values())


def value(name: str) -> Any:
    """The present value of an option."""
    return _values().get(name, getattr(DEFAULT_OPTIONS, name))


def put(name: str, value: Any) -> None:
    """Set an option; None is as found."""
    given()[name] = value


def stored() -> Mapping[str, Any]:
    """The options of the data set that is added to."""
    options: Mapping[str, Any] = st.session_state.get(_BASIS, ("", {}))[1]
    return options


def _values() -> dict[str, Any]:
    return {**stored(), **given()}


def _forget_widgets() -> None:
    for name in [name for name in st.session_state if str(name).startswith(_PREFIX)]:
        del st.session_state[name]
