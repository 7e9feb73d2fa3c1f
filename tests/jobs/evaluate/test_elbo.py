import numpy as np

from jobs.evaluate.elbo import by_length


def test_bins_of_length_hold_the_means_of_their_frames_and_the_last_is_open() -> None:
    length = np.array([9.0, 11.0, 12.0, 60.0])
    recon, kl = np.array([1.0, 3.0, 5.0, 7.0]), np.array([2.0, 2.0, 2.0, 8.0])
    nats = {"neg_elbo_nats": recon + kl, "recon_nats": recon, "kl_nats": kl}
    fine, middle, coarse = by_length(nats, length)
    assert (fine.low, fine.high, fine.frames) == (8.0, 12.0, 2)
    assert (fine.neg_elbo_nats, fine.recon_nats, fine.kl_nats) == (4.0, 2.0, 2.0)
    assert (middle.low, middle.high, middle.frames) == (12.0, 20.0, 1)
    assert (coarse.low, coarse.high, coarse.recon_nats) == (45.0, None, 7.0)


def test_without_frames_there_is_no_bin() -> None:
    nothing = np.empty(0)
    nats = {"neg_elbo_nats": nothing, "recon_nats": nothing, "kl_nats": nothing}
    assert by_length(nats, nothing) == ()
