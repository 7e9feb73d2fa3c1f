"""Quality: an evaluation's figures beside baselines, pictures and chance."""

from pathlib import Path

import pandas as pd
import streamlit as st

from charts import evaluation as charts
from exports.table_files import columns
from jobs.specs import EvaluateJob
from morphcore.evaluation.result import Evaluation
from store import datasets, evaluations
from store.db import open_store
from store.runs import IndexedRun
from ui import downloads, failures, shell
from ui import header as header_line
from ui.cached import properties as cached_properties
from ui.cached import rows as cached_rows
from ui.datasets import twins
from ui.jobs import panel
from ui.quality import gallery, runs, tables, verdict, verification
from ui.runs import downloads as run_files
from ui.selection import choose_run
from wording import evaluation as quality_words
from wording import glossary
from wording import properties as property_words
from wording.metrics import BASELINES, METRICS, MODEL, VERIFICATION

WHAT = (
    "An evaluation asks whether frames that the model puts near each other are alike: whether a "
    "trajectory of the same physics is found again, whether neighbours tell parameters and shapes, "
    "and whether rolling or mirroring a frame changes anything. The same questions go to ten "
    "baselines, from random numbers to what a physicist would measure. It takes some minutes, in "
    "the background."
)


def _begin(store: Path, run: IndexedRun, label: str) -> None:
    job = EvaluateJob(run=run.id)
    known = cached_properties.properties_of(store, run.dataset_id)
    if any(each.is_number for each in known):
        group = st.selectbox(
            "Predict properties from frames of other",
            ["cell", "trajectory", *(each.name for each in known)],
            format_func=property_words.groups,
            key=f"evaluate_group_{run.id}",
            width=320,
            help="Frames of one group are left out together: within a group they resemble each"
            " other whatever the property.",
        )
        if group != "cell":
            job = EvaluateJob(run=run.id, group=group)
    if panel.start_button(
        store,
        label,
        job,
        key=f"evaluate_{run.id}",
        icon=":material/verified:",
    ):
        st.rerun()


def _twins(store: Path, run: IndexedRun) -> None:
    """Offer twins where the data set has none."""
    with open_store(store) as db:
        if datasets.twins_of(db, run.dataset_id):
            return
        dataset = datasets.by_id(db, run.dataset_id)
    with st.container(border=True):
        st.markdown("**There are no twins yet**, so the most telling question cannot be asked.")
        twins.offer(store, dataset)


def _show(evaluation: Evaluation) -> None:
    """The verdict, a metric beside the baselines and the main figures; then all figures."""
    verdict.show(evaluation)
    if evaluation.split.leaking:
        st.warning(
            "This run's held-out frames were drawn at random **by frame**: their neighbours in "
            "time were in training, so all figures on held-out frames flatter.",
            icon=":material/warning:",
        )
    _beside(evaluation)
    st.caption(
        quality_words.split_words(evaluation), help=glossary.meaning("held_out", "twin", "cell")
    )


def _headlines(evaluation: Evaluation) -> None:
    """The main figures, one below the other: each beside what it is judged by."""
    with st.container(border=True, gap="small", key="headlines"):
        for label, value, beside, meaning in quality_words.headlines(evaluation):
            with st.container(gap=None):
                st.markdown(f"{label} **{value}**", help=meaning)
                if beside:
                    st.caption(beside)


@failures.fragment
def _beside(evaluation: Evaluation) -> None:
    """All figures; only this part runs again when another metric is drawn."""
    names = quality_words.shown_metrics(evaluation)
    drawn, main = st.columns([3, 2], gap="medium")
    with drawn:
        place = st.container()  # filled last: the choice stands under its picture
        name = st.selectbox(
            "Metric beside the baselines",
            names,
            index=names.index("twin@5") if "twin@5" in names else 0,
            format_func=lambda metric: METRICS[metric].label,
            key="quality_metric",
            persist_state="session",
            help=glossary.meaning("baseline"),
        )
        st.caption(METRICS[name].help)
        place.altair_chart(
            charts.dots(evaluation, name),
            key="quality_dots",
            alt=f"{METRICS[name].label} of the model, {evaluation.metrics[name].value:.3f}, and of"
            " the baselines, with 95 % intervals",
        )
    with main:
        _headlines(evaluation)
    tables.metrics(evaluation, [each for each in names if each not in VERIFICATION])
    downloads.table("All figures", "quality", lambda: columns(quality_words.rows(evaluation)))


def _properties(evaluation: Evaluation) -> None:
    """Properties predicted from neighbours, beside the baselines."""
    if not evaluation.properties:
        return
    st.subheader("Properties told by neighbours", divider="gray", help=glossary.meaning("property"))
    st.markdown(property_words.told(evaluation.properties))
    rows = property_words.rows(evaluation.properties)
    names = [name for name in rows[0] if name in (MODEL, *BASELINES.values())]
    table = pd.DataFrame(rows).set_index("Property")
    st.dataframe(
        table.style.apply(_highest, axis=1, subset=names).format(
            dict.fromkeys([*names, "95 % from", "95 % to"], "{:.3f}"), na_rep="–"
        ),
        placeholder="–",  # na_rep alone leaves None
        column_config={
            "Groups": st.column_config.NumberColumn(format="localized"),
            "Frames": st.column_config.NumberColumn(format="localized"),
        },
        alt="R2 of properties by the 10 nearest frames of other groups",
    )
    downloads.table("All of them", "properties", lambda: property_words.columns(evaluation))


def _highest(row: "pd.Series[float]") -> list[str]:
    """The highest figure of a row in bold."""
    return ["font-weight: bold" if value == row.max() else "" for value in row]


def _unit(evaluation: Evaluation) -> None:
    """The unit of distances, calibrated on twins."""
    if evaluation.noise is None:
        return
    st.subheader("What a distance says", divider="gray", help=glossary.meaning("scatter"))
    chart, words = st.columns([2, 1], gap="large", vertical_alignment="center")
    with chart:
        st.altair_chart(
            charts.calibration(evaluation.noise),
            key="quality_calibration",
            alt="The share of true twins, and of other cells at the same time, by distance",
        )
    with words:
        st.markdown(quality_words.unit_words(evaluation.noise))


def _latent(store: Path, evaluation: Evaluation) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(
            "−ELBO by domain size", divider="gray", help=glossary.meaning("elbo", "length")
        )
        if evaluation.nats_by_length:
            st.altair_chart(
                charts.nats_by_length(evaluation),
                key="quality_nats",
                alt="Reconstruction and KL in nats per frame, by bins of L",
            )
            st.caption("Of held-out frames. Fine domains have more interface, so they cost more.")
    with right:
        st.subheader(
            "What the latent dimensions say", divider="gray", help=glossary.meaning("latent")
        )
        latent = evaluation.latent
        st.altair_chart(
            charts.kl_by_dimension(latent.kl_nats),
            key="quality_kl",
            alt="KL in nats per frame of each latent dimension, the most used first",
        )
        st.caption(
            f"{latent.active} of {latent.dimensions} tell frames apart (their means vary "
            "by more than .01)."
        )
    trust = evaluation.map
    if trust is not None and trust.trustworthiness is not None:
        words = f"**The map** of every {trust.every}th frame has a trustworthiness of "
        words += f"{trust.trustworthiness:.3f}"
        if trust.trustworthiness_apart is not None:
            words += f", and of {trust.trustworthiness_apart:.3f} among frames of different"
            words += " trajectories"
        st.markdown(f"{words}: 1 where all neighbours on the map are neighbours in the model.")
    gallery.hubs(store, evaluation.hubs)


shell.enter()
header = header_line.show(
    "Quality", "Whether the model puts alike frames near each other, on frames it has never seen."
)
store = cached_rows.store_path()
run = choose_run(store, header)
panel.live(store, ["evaluate", "simulate"])
if run is not None:
    with open_store(store) as db:
        stored = evaluations.newest_whole(db, run.index.checkpoint_id)
    if stored is None:
        st.info(WHAT, icon=":material/verified:")
        _twins(store, run)
        _begin(store, run, "Judge this model")
    else:
        _twins(store, run)
        _show(stored.evaluation)
        tables.paired_differences(stored.evaluation)
        verification.show(stored.evaluation)
        _properties(stored.evaluation)
        runs.show(store, run)
        _unit(stored.evaluation)
        _latent(store, stored.evaluation)
        gallery.drawn(store, run)
        run_files.report(store, run)
        with st.expander("On what this rests"):
            st.markdown("\n".join(f"- {note}" for note in stored.evaluation.notes))
            _begin(store, run, "Judge it again")
