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
def test_a_stored_frame_is_embedded_at_its_own_coordinates(
    made: Made, names: tuple[str, ...]
) -> None:
    embedded = descriptor_space.load_descriptor_space(
        made.path, latent_space.load_latent_space(made.path, made.run_id), names
    )
    coords = embedded.embed(made.path, stored_frame(made.path, 30))
    neighbours = embedded.frames.nearest(coords, SearchOptions(k=1))
    assert neighbours[0].frame_id == 30
    assert neighbours[0].distance == pytest.approx(0.0, abs=1e-4)


def test_distances_are_in_standard_deviations_of_separated_frames(made: Made) -> None:
    space = latent_space.load_latent_space(made.path, made.run_id)
    embedded = descriptor_space.load_descriptor_space(made.path, space, ("fraction",))
    separated = embedded.frames.coords[~embedded.frames.unseparated, 0]
    assert separated.mean() == pytest.approx(0.0, abs=1e-5)
    assert separated.std() == pytest.approx(1.0, abs=1e-5)


def test_nearest_by_fraction_and_length_is_nearest_by_hand(made: Made) -> None:
    embedded = descriptor_space.load_descriptor_space(
        made.path, latent_space.load_latent_space(made.path, made.run_id), FRACTION_AND_LENGTH
    )
    query = stored_frame(made.path, 50)
    neighbours = embedded.frames.nearest(
        embedded.embed(made.path, query), SearchOptions(k=3), query_id=50
    )
    with open_store(made.path) as db:
        measured = descriptors.of_dataset(db, made.dataset_id)
    values = standard_set(measured)[:, :2]
    kept = measured.frame_ids % 20 != 1
    scaled = values / values[kept].std(axis=0)
    apart = np.linalg.norm(scaled - scaled[measured.frame_ids == 50], axis=1)
    apart[~kept | ((measured.frame_ids >= 41) & (measured.frame_ids <= 60))] = np.inf
    assert [neighbour.frame_id for neighbour in neighbours] == measured.frame_ids[
        apart.argsort()[:3]
    ].tolist()
