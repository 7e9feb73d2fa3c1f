"""Import of trajectories: what to import, a look at what becomes of it, and the button.

Nothing is stored before the button: the look is `morphcore.readers.read.look`, of the same options
as the import (`ui.datasets.option_state`).
"""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from morphcore.readers.look import ImportLook
from morphcore.readers.options import OptionError
from morphcore.readers.results import ACCEPTED
from store.datasets import Dataset
from ui import failures
from ui.cached import looks
from ui.cached.looks import Looking
from ui.datasets import (
    import_command,
    import_options,
    import_preview,
    import_source,
    option_state,
)
from ui.datasets.import_source import Source
from ui.jobs import panel
from wording import imports as words
from wording.escapes import plain
from wording.numbers import left, percent

NOTHING_YET = (
    "Choose a folder or files: what becomes of them is shown here first. Nothing is stored before "
    "you press Import."
)
_PATIENCE_SECONDS = 0.8  # a look that ends within is shown without a bar before it


def show(store: Path, datasets: Mapping[str, Dataset]) -> None:
    """The form; `datasets` are those that there are by their names, to which more can be added."""
    import_source.clear_after_start()
    st.markdown(f"Accepted: {ACCEPTED}.")
    way = import_source.way()
    where, called = st.columns([3, 2])
    with where:
        source = import_source.choose(store, way)
    with called:
        name = _name(datasets, source)
    looking = None
    if source is not None:
        stored = datasets[name].config.get("options", {}) if name and name in datasets else {}
        option_state.begin(str(source.path), stored)
        looking = _look(source)
    _stop_before(looking)
    if source is None:
        st.markdown(f":gray[{NOTHING_YET}]")
    if source is None or looking is None:
        return
    if not looking.wait(_PATIENCE_SECONDS):
        failures.fragment(_progress, run_every=0.7)(looking)
        _all_options(st.session_state.get("import_look"))  # they stay where they are
    elif looking.look is None:
        st.error(plain(looking.refusal), icon=":material/error:")
        _all_options(st.session_state.get("import_look"))
    else:
        st.session_state["import_look"] = looking.look
        _preview(store, source, looking.look, name)


def _name(datasets: Mapping[str, Dataset], source: Source | None) -> str | None:
    """The name of the data set: what is typed in, else the usual one, if there is any."""
    usual = source.usual_name if source else None
    several = source is not None and usual is None
    typed = st.text_input(
        "Name of the data set",
        key="import_name",
        placeholder=usual or ("needed for several files" if several else "as the folder or file"),
        max_chars=100,
    ).strip()
    name = typed or usual
    if name and name in datasets:
        st.caption(f"Adds to {plain(name)} what it does not have yet, with its options.")
    return name


def _look(source: Source) -> Looking | None:
    """The look at a source with the present options, begun if it is not; None if there is none."""
    state = st.session_state
    if state.get("import_marked") != str(source.path):
        state["import_marked"] = str(source.path)
        state["import_mark"] = f"{looks.mark(source.path)} {state.get('import_again', 0)}"
        state.pop("import_look", None)
        state.pop("import_stopped", None)
    try:
        options = option_state.options()
    except OptionError as err:
        st.error(plain(str(err)), icon=":material/error:")
        _all_options(state.get("import_look"))
        return None
    if state.get("import_stopped") == options:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("The look was stopped. Nothing is stored.", width="content")
            st.button("Look again", key="import_look_again", on_click=_look_again)
        _all_options(state.get("import_look"))
        return None
    state.pop("import_stopped", None)
    return looks.looking(source.path, state["import_mark"], options, is_upload=source.is_upload)


def _stop_before(looking: Looking | None) -> None:
    """Stop this tab's look before, if it still goes on and is not this one."""
    before = st.session_state.get("import_looking")
    if before is not None and before is not looking and before.look is None:
        before.stop()
    st.session_state["import_looking"] = looking


def _progress(looking: Looking) -> None:
    """How far a look is; when it has ended, the page runs again and shows it."""
    if looking.wait(0):
        st.rerun()
    with st.container(border=True, key="import_looking_now"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Looking at {plain(looking.path.name)}**", width="stretch")
            st.button(
                "Stop",
                icon=":material/stop:",
                key="import_stop_look",
                on_click=_stop_look,
                args=(looking,),
            )
        shown = " · ".join(
            filter(None, [f"{percent(looking.share)} looked at", left(looking.seconds_left)])
        )
        st.progress(min(1.0, max(0.0, looking.share)), text=shown)


def _stop_look(looking: Looking) -> None:
    looking.stop()
    st.session_state["import_stopped"] = looking.options


def _look_again() -> None:
    """Look at the files as they are now."""
    state = st.session_state
    state["import_again"] = state.get("import_again", 0) + 1
    for name in ("import_marked", "import_stopped"):
        state.pop(name, None)


def _all_options(look: ImportLook | None, asked: frozenset[str] = frozenset()) -> None:
    with st.expander("Options", icon=":material/tune:", key="import_options"):
        import_options.show_all(look, asked)
        if option_state.given():
            st.button(
                "Back to what was found",
                icon=":material/undo:",
                key="import_options_reset",
                on_click=option_state.reset,
            )


def _preview(store: Path, source: Source, look: ImportLook, name: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(words.summary(look))}**", width="stretch")
        st.button(
            "Look again",
            icon=":material/refresh:",
            key="import_look_again",
            help="Looks at the files as they are now.",
            on_click=_look_again,
        )
    import_preview.ask(look)
    import_preview.remarks(look)
    _all_options(look, frozenset(question.option for question in look.questions))
    _start(store, source, look, name)
    import_preview.show(look)


def _start(store: Path, source: Source, look: ImportLook, name: str | None) -> None:
    """The button, with the reason where it is disabled, and the command that does the same."""
    options = option_state.options()
    reason = obstacle(look, name)
    with st.container(horizontal=True, vertical_alignment="center"):
        started = panel.start_button(
            store,
            "Import",
            import_command.job(
                source.path,
                name,
                options,
                stored=option_state.stored(),
                cleanup=source.is_upload,
                frames=sum(each.frames for each in look.trajectories),
            ),
            key="start_import",
            disabled=bool(reason),
            icon=":material/download:",
        )
        if reason:
            st.markdown(f":gray[{reason}]", width="content")
    if look.trajectories:
        st.code(
            import_command.line(source.shown, name if name != source.usual_name else None, options),
            language="bash",
            wrap_lines=True,
        )
    if started:
        import_source.started()
        st.rerun()


def obstacle(look: ImportLook, name: str | None) -> str:
    """Why an import cannot begin yet, in a sentence; empty where it can."""
    open_questions = len({question.option for question in look.questions})
    if not look.trajectories and not open_questions:
        return "There is nothing here that can be imported."
    if open_questions:
        return (
            "It can begin when the question above is decided."
            if open_questions == 1
            else f"It can begin when the {open_questions} questions above are decided."
        )
    return "" if name else "Give the data set a name: several files have none of their own."
