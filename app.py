"""The entry point of Morph, `streamlit run app.py`: its door, and the list of its pages.

The server imports this file and serves `app`; Streamlit runs it as a script at every visit.
"""

import streamlit as st

if __name__ == "__main__":
    from ui import failures, held_store, shell

    st.set_page_config(page_title="Morph", page_icon=shell.ICON, layout="wide")

    page = st.navigation(
        [
            st.Page("pages/overview.py", title="Overview", icon=":material/home:", default=True),
            st.Page("pages/data.py", title="Data", icon=":material/database:"),
            st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
            st.Page("pages/tune.py", title="Tune", icon=":material/tune:"),
            st.Page("pages/trajectories.py", title="Trajectories", icon=":material/play_circle:"),
            st.Page("pages/map.py", title="Map", icon=":material/scatter_plot:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
            st.Page("pages/model.py", title="Model", icon=":material/auto_awesome:"),
            st.Page("pages/quality.py", title="Quality", icon=":material/verified:"),
            st.Page("pages/help.py", title="Help", icon=":material/help:"),
        ],
        position="top",
    )
    with failures.said(), held_store.held():
        page.run()
else:
    from ui import history
    from ui.access import door

    app = st.App(
        "app.py", middleware=[*door.middleware(), history.middleware()], lifespan=door.announce
    )
