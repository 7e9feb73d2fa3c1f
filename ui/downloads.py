"""Tables as files, offered alike on every page.

Charts need nothing of the kind: Streamlit's own toolbar, at the upper right of a chart under the
pointer or the keyboard's focus, saves it as PNG at twice the screen's resolution and shows its
rows, which that table's toolbar saves as CSV.
"""

import io
from collections.abc import Callable
from functools import partial

import streamlit as st

from exports import table_files
from exports.table_files import Columns
from wording.escapes import file_name


def table(what: str, name: str, make: Callable[[], Columns]) -> None:
    """Two buttons: a table as CSV and as Parquet. It is made when one of them is pressed.

    `what` is the table's name on the page, `name` that of its files.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        for ending, label, mime, help in (
            (".csv", f"{what} as CSV", "text/csv", None),
            (".parquet", "as Parquet", "application/vnd.apache.parquet", "For pandas, R or Julia"),
        ):
            st.download_button(
                label,
                partial(_content, make, ending),
                file_name=f"{file_name(name)}{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"download_{name}{ending}",
                on_click="ignore",
                help=help,
            )


def _content(make: Callable[[], Columns], ending: str) -> bytes:
    file = io.BytesIO()
    table_files.write(make(), file, ending)
    return file.getvalue()
