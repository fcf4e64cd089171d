"""Functions of scipy.stats."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats

from ..workload import Data, Workload, Workloads, random

WORKLOADS = Workloads()
# The parts of a result that are compared, in the order of SciPy's objects.
PARTS = ("statistic", "pvalue", "correlation", "quotient", "slope", "intercept", "mode", "count")


def samples(n: int) -> Data:
    """Samples of several kinds."""
    state = random(n + 1)
    x, y = state.standard_normal(n), state.standard_normal(n) + 0.3
    return {
        "x": x,
        "y": y,
        "z": x + 0.5 * state.standard_normal(n),
        "positive": state.random_sample(n) + 0.1,
        "counts": state.poisson(9, n).astype(np.float64),
        "ties": np.round(2 * y) / 2,
        "p": np.clip(state.random_sample(12), 0.002, 1.0),
        "table": state.standard_normal((3, n)),
        "square": state.standard_normal((n, n))[:8, :8],
    }


def add(name: str, *names: Any, **options: Any) -> None:
    """A function of arrays that are named; other arguments are passed on."""
    arrays = [each for each in names if isinstance(each, str)]
    slug, _, form = name.partition(":")

    def data(n: int) -> Data:
        every = samples(n)
        return {each: every[each] for each in arrays}

    def run(a: Any) -> dict[str, Any]:
        given = [getattr(a, each) if isinstance(each, str) else each for each in names]
        result = getattr(scipy.stats, slug)(*given, **options)
        parts = {part: getattr(result, part) for part in PARTS if hasattr(result, part) and not callable(getattr(result, part))}
        if parts and not hasattr(result, "dtype"):
            return parts
        return {f"r{i}": each for i, each in enumerate(result)} if isinstance(result, tuple) else {"r": result}

    says = ", ".join([str(each) for each in names] + [f"{key}={each!r}" for key, each in options.items()])
    full = f"stats.{slug}" + (f".{form}" if form else "")
    WORKLOADS.add(Workload("scipy", full, f"scipy.stats.{slug}({says})", data, run, rtol=(1e-6, 5e-3), calls=(f"scipy.stats.{slug}",)))


add("ttest_ind", "x", "y")
add("ttest_ind:welch", "x", "y", equal_var=False)
add("ttest_1samp", "x", 0.0)
add("ttest_rel", "x", "y")
add("pearsonr", "x", "z")
add("spearmanr", "x", "z")
add("linregress", "x", "z")
add("zscore", "x")
add("zmap", "x", "y")
add("skew", "x")
add("skew:axis", "table", axis=1, bias=False)
add("kurtosis", "x")
add("variation", "positive")
add("gmean", "positive")
add("hmean", "positive")
add("pmean", "positive", 2.0)
add("gstd", "positive")
add("sem", "x")
add("rankdata", "ties")
add("rankdata:axis", "table", axis=1)
add("mannwhitneyu", "x", "y", method="asymptotic")
add("kruskal", "x", "y", "z")
add("wilcoxon", "x", "y", method="asymptotic")
add("bartlett", "x", "y")
add("levene", "x", "y")
add("ansari", "x", "y")
add("f_oneway", "x", "y", "z")
add("quantile", "x", 0.3)
add("mode", "ties")
add("entropy", "positive")
add("differential_entropy", "x")
add("describe", "x")
add("skewtest", "x")
add("kurtosistest", "x")
add("normaltest", "x")
add("chisquare", "counts")
add("power_divergence", "counts", lambda_="log-likelihood")
add("combine_pvalues", "p")
add("false_discovery_control", "p")
add("trim_mean", "x", 0.1)
add("tmean", "x", (-1.0, 1.0))
add("tvar", "x")
add("moment", "x", order=3)
add("sigmaclip", "x", 2.0, 2.0)
add("iqr", "x")
add("median_abs_deviation", "x")
add("lmoment", "x")
add("circmean", "positive")
add("circvar", "positive")
