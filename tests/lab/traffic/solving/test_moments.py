from __future__ import annotations

from math import erf, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.traffic.solving.moments import lognormal, normal_cdf, shares_below


@given(st.floats(-50, 50))
def test_the_normal_distribution_is_close_to_the_exact_one(z: float) -> None:
    exact = 0.5 * (1 + erf(z / sqrt(2)))
    assert abs(float(normal_cdf(np.array([z]))[0]) - exact) < 4e-4


@given(st.floats(1e-4, 100), st.floats(0.15, 4))
def test_a_lognormal_has_the_moments_that_were_asked_for(mean: float, variation: float) -> None:
    mu, sigma = lognormal(np.array([mean]), np.array([(variation * mean) ** 2]))
    assert np.isclose(np.exp(mu + sigma**2 / 2), mean)
    assert np.isclose(np.expm1(sigma**2), variation**2)


@given(st.lists(st.floats(1e-4, 100), min_size=1, max_size=5))
def test_shares_rise_with_the_bound(means: list[float]) -> None:
    values = np.array(means)
    mu, sigma = lognormal(values, values**2)
    shares = shares_below(np.log(np.array([0.01, 0.1, 1.0, 10.0])), mu, sigma)
    assert shares.shape == (len(means), 4)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (np.diff(shares, axis=1) >= 0).all()


def test_a_mean_of_nothing_is_no_error() -> None:
    mu, sigma = lognormal(np.zeros(1), np.zeros(1))
    assert np.isfinite(mu).all()
    assert (sigma > 0).all()
