import numpy as np
import pytest

from analysis import descriptor_space, latent_space
from analysis.descriptor_space import FRACTION_AND_LENGTH
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import stored_frame
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, standard_set
from store import descriptors
from store.db import open_store
from tests.factory import Made


@pytest.mark.parametrize("names", [FRACTION_AND_LENGTH, DESCRIPTOR_NAMES])
def test_a_stored_frame_is_measured_to_its_own_place(made: Made, names: tuple[str, ...]) -> None:
    by = descriptor_space.load_descriptor_space(
        made.path, latent_space.load_latent_space(made.path, made.run_id), names
    )
    coords = by.embed(made.path, stored_frame(made.path, 30))
    found = by.frames.nearest(coords, SearchOptions(k=1))
    assert found[0].frame_id == 30
    assert found[0].distance == pytest.approx(0.0, abs=1e-4)


def test_distances_are_in_standard_deviations_of_separated_frames(made: Made) -> None:
    space = latent_space.load_latent_space(made.path, made.run_id)
    by = descriptor_space.load_descriptor_space(made.path, space, ("fraction",))
    separated = by.frames.coords[~by.frames.unseparated, 0]
    assert separated.mean() == pytest.approx(0.0, abs=1e-5)
    assert separated.std() == pytest.approx(1.0, abs=1e-5)


def test_nearest_by_fraction_and_length_is_nearest_by_hand(made: Made) -> None:
    by = descriptor_space.load_descriptor_space(
        made.path, latent_space.load_latent_space(made.path, made.run_id), FRACTION_AND_LENGTH
    )
    query = stored_frame(made.path, 50)
    found = by.frames.nearest(by.embed(made.path, query), SearchOptions(k=3), query_id=50)
    with open_store(made.path) as db:
        known = descriptors.of_dataset(db, made.dataset_id)
    values = standard_set(known)[:, :2]
    kept = known.frame_ids % 20 != 1
    scaled = values / values[kept].std(axis=0)
    apart = np.linalg.norm(scaled - scaled[known.frame_ids == 50], axis=1)
    apart[~kept | ((known.frame_ids >= 41) & (known.frame_ids <= 60))] = np.inf
    assert [each.frame_id for each in found] == known.frame_ids[apart.argsort()[:3]].tolist()
