"""Help: the glossary, the keys, and the ways to take things out; a search of them all."""

import streamlit as st

from ui import header, shell
from wording import glossary

KEYS = (
    ("Everywhere", "Tab, Shift + Tab", "to the next button, field, chart or table; back"),
    ("Everywhere", "Tab, then Enter", "first of all: past the navigation, to the page's picture"),
    ("Everywhere", "Enter, Space", "presses a button, opens a list"),
    ("Everywhere", "Esc", "closes what is open"),
    ("Player", "Space", "plays or pauses, with no click before"),
    ("Player", "← →", "one frame back or on"),
    ("Player", "Shift + ← →", "ten frames back or on"),
    ("Player", "Home, End", "the first frame, the last"),
    ("Map", "↑ ↓", "in its tools: from one to the next"),
    ("Map", "Shift + click", "keeps a frame, to compare it with another"),
    ("Map", "Shift + drag", "selects an area where a drag pans, and pans where it selects"),
    ("Table", "↑ ↓ ← →", "from cell to cell"),
    ("Table", "Ctrl + F", "searches the table"),
)
OUT = """
- **Tables** have a download as CSV in the corner that appears under the pointer; below the larger
  ones are buttons for CSV and Parquet.
- **Charts** have the same corner: it saves a PNG at twice the screen's resolution, in the page's
  colours (light ones, for paper, are in the menu at the upper right), or shows the figures, which
  can be saved as CSV.
- **A frame** is saved as PNG on Trajectories, with its trajectory's numbers as CSV; there are the
  trajectory as GIF or MP4 and a strip of its frames as PNG too. What a model made up is saved as
  PNG on Model, and says in its file that it is synthetic.
- **A model** is saved on Train, with a card that says what it is; **a run in one HTML file**, which
  opens without Morph, on Quality.
- **From the command line**: `python -m jobs export --run 1 --what WHAT OUT`, where WHAT is
  `frames`, `latents`, `map`, `neighbours`, `model`, `onnx` (its encoder), `safetensors` (its
  weights) or `report`; a table's form is set by the end of OUT: `.csv`, `.parquet` or `.npz`.
  `movie` and `strip` are of one trajectory of a data set. `chart-training`, `chart-evaluation`,
  `chart-map` and more of its charts are written as `.svg` or `.png`.
- **A view** is kept by its address: copy it to come back to the same model, frame or map.
"""


def _has(wanted: str, *texts: str) -> bool:
    """Whether each of the wanted words is in one text at least, in capitals or not."""
    text = " ".join(texts).casefold()
    return all(word in text for word in wanted.casefold().split())


shell.enter()
top = header.show("Help", "Words, keys, and the ways to take things out.")
with top.line:
    wanted = st.text_input(
        "Search",
        key="help_search",
        placeholder="Search words, keys, files",
        icon=":material/search:",
        label_visibility="collapsed",
        width=320,
        bind="query-params",
    )
terms = [term for term in glossary.TERMS.values() if _has(wanted, term.name, term.meaning)]
keys = [line for line in KEYS if _has(wanted, *line)]
out = [point for point in OUT.strip().split("\n- ") if _has(wanted, point)]
if not (terms or keys or out):
    st.info("Nothing here has these words.", icon=":material/search_off:")
words, rest = st.columns([4, 3], gap="medium")
with words:
    if terms:
        st.subheader("Words", divider="gray")
    for term in terms:
        st.markdown(f"**{term.name}**: {term.meaning}")
with rest:
    if keys:
        st.subheader("Keys", divider="gray")
        lines = [f"| {where} | {pressed} | {what} |" for where, pressed, what in keys]
        st.markdown("\n".join(["| Where | Keys | What it does |", "|---|---|---|", *lines]))
    if out:
        st.subheader("Taking things out", divider="gray")
        st.markdown("\n".join(f"- {point.removeprefix('- ')}" for point in out))
