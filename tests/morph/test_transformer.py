import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks

import morph
from morph.transformer import FrameTransformer
from store.runs import UnknownRun
from tests.factory import Made

FRAMES = np.random.default_rng(0).random((8, 64, 64))

# All of scikit-learn's checks that feed no frames: those that do feed rows of numbers [n features].
CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_mixin_order",
    "check_get_params_invariance",
    "check_set_params",
    "check_parameters_default_constructible",
)


@pytest.mark.parametrize("name", CHECKS)
def test_scikit_learns_own_check(name: str) -> None:
    getattr(estimator_checks, name)("FrameTransformer", FrameTransformer())


def test_it_embeds_as_the_model_does(interface: Made) -> None:
    want = morph.Store(interface.path).model().embed(FRAMES)
    embedder = FrameTransformer(interface.path)
    np.testing.assert_array_equal(embedder.fit_transform(FRAMES), want)
    again = clone(embedder.set_params(run="two-level-1", periodic=True)).fit(FRAMES)
    ours = again.transform(FRAMES)
    model = morph.Store(interface.path).model("two-level-1")
    np.testing.assert_array_equal(ours, model.embed(FRAMES, periodic=True))
    assert not np.allclose(ours, want)
    alone = FrameTransformer(file=model.file).fit(FRAMES)
    np.testing.assert_array_equal(alone.transform(FRAMES), want)


def test_a_model_is_read_by_fit(interface: Made) -> None:
    embedder = FrameTransformer(interface.path, run="none")
    with pytest.raises(NotFittedError):
        embedder.transform(FRAMES)
    with pytest.raises(UnknownRun):
        embedder.fit(FRAMES)


def test_a_pickle_of_a_fitted_one_needs_no_store(interface: Made) -> None:
    embedder = FrameTransformer(interface.path).fit(FRAMES)
    want = embedder.transform(FRAMES)
    kept = pickle.dumps(embedder)
    embedder.model_.file.unlink()
    interface.path.unlink()
    np.testing.assert_array_equal(pickle.loads(kept).transform(FRAMES), want)


def test_it_works_in_a_pipeline_and_a_search(interface: Made) -> None:
    steps = make_pipeline(FrameTransformer(interface.path), StandardScaler(), Ridge())
    target = FRAMES.mean((1, 2))
    assert steps.fit(FRAMES, target).predict(FRAMES).shape == (8,)
    assert len(cross_val_score(steps, FRAMES, target, cv=2)) == 2
    grid = {"frametransformer__periodic": [False, True]}
    search = GridSearchCV(steps, grid, cv=2).fit(FRAMES, target)
    assert set(search.best_params_) == set(grid)


def test_its_columns_have_names(interface: Made) -> None:
    embedder = FrameTransformer(interface.path).set_output(transform="pandas")
    assert embedder.fit_transform(FRAMES).columns.tolist() == [
        "embedding_0",
        "embedding_1",
        "embedding_2",
        "embedding_3",
    ]
