"""Metrics of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn.metrics
import sklearn.metrics.pairwise

from ..workload import Data, Workload, Workloads, random

WORKLOADS = Workloads()


def measured(n: int) -> Data:
    """True and predicted values of all kinds."""
    state = random(n)
    classes = (np.arange(n) % 3).astype(np.int64)
    binary = (np.arange(n) % 2).astype(np.int64)
    wrong = state.random_sample(n) < 0.3
    target = state.standard_normal(n)
    proba = state.dirichlet([1, 1, 1], size=n)
    proba[:, 2] = 1 - np.round(proba[:, 0], 3) - np.round(proba[:, 1], 3)
    return {
        "y": classes,
        "predicted": np.where(wrong, (classes + 1) % 3, classes).astype(np.int64),
        "binary": binary,
        "guessed": np.where(wrong, 1 - binary, binary).astype(np.int64),
        "score": np.clip(0.3 * binary + 0.7 * state.random_sample(n), 0.01, 0.99),
        "target": target,
        "estimate": target + 0.3 * state.standard_normal(n),
        "positive": state.random_sample(n) + 0.2,
        "other": state.random_sample(n) + 0.2,
        "weight": state.random_sample(n) + 0.5,
        "proba": proba,
        "many": (state.random_sample((n, 3)) < 0.5).astype(np.int64),
        "hits": (state.random_sample((n, 3)) < 0.5).astype(np.int64),
        "X": state.standard_normal((min(n, 24), 4)),
        "Y": state.standard_normal((7, 4)),
        "P": state.random_sample((min(n, 24), 4)) + 0.1,
        "Q": state.random_sample((min(n, 24), 4)) + 0.1,
    }


def add(name: str, *names: str, function: str = "", **options: Any) -> None:
    """A metric of arguments that are named. One called `weight` is the sample weight."""

    def data(n: int) -> Data:
        every = measured(n)
        return {each: every[each] for each in names}

    def run(a: Any) -> dict[str, Any]:
        found = getattr(sklearn.metrics, function or name, None) or getattr(sklearn.metrics.pairwise, function or name)
        weights = {"sample_weight": a.weight} if "weight" in names else {}
        result = found(*[getattr(a, each) for each in names if each != "weight"], **weights, **options)
        return {f"r{i}": each for i, each in enumerate(result)} if isinstance(result, tuple) else {"r": result}

    says = ", ".join([*names, *(f"{key}={each!r}" for key, each in options.items())])
    full = f"{function}.{name}" if function else name
    calls = (f"sklearn.metrics.{function or name}",)
    WORKLOADS.add(Workload("scikit-learn", full, f"{function or name}({says})", data, run, calls=calls))


add("accuracy_score", "y", "predicted", "weight")
add("brier_score_loss", "binary", "score")
add("cohen_kappa_score", "y", "predicted")
add("confusion_matrix", "y", "predicted")
add("f1_score", "y", "predicted", average="macro")
add("fbeta_score", "binary", "guessed", beta=0.5)
add("hamming_loss", "y", "predicted")
add("jaccard_score", "binary", "guessed")
add("log_loss", "y", "proba")
add("matthews_corrcoef", "y", "predicted")
add("multilabel_confusion_matrix", "many", "hits")
add("precision_score", "y", "predicted", average="weighted")
add("precision_recall_curve", "binary", "score")
add("recall_score", "y", "predicted", average="micro")
add("roc_curve", "binary", "score")
add("roc_auc_score", "binary", "score")
add("zero_one_loss", "y", "predicted")
add("r2_score", "target", "estimate")
add("explained_variance_score", "target", "estimate", "weight")
add("max_error", "target", "estimate")
add("mean_absolute_error", "target", "estimate")
add("mean_absolute_percentage_error", "target", "estimate")
add("mean_squared_error", "target", "estimate")
add("mean_squared_log_error", "positive", "other")
add("median_absolute_error", "target", "estimate")
add("mean_gamma_deviance", "positive", "other")
add("mean_pinball_loss", "target", "estimate", alpha=0.3)
add("mean_poisson_deviance", "positive", "other")
add("mean_tweedie_deviance", "positive", "other", power=1.5)
add("additive_chi2_kernel", "P", "Q")
add("chi2_kernel", "P", "Q")
add("cosine_similarity", "X", "Y")
add("cosine_distances", "X", "Y")
add("euclidean_distances", "X", "Y")
add("linear_kernel", "X", "Y")
add("manhattan_distances", "X", "Y")
add("paired_cosine_distances", "P", "Q")
add("paired_euclidean_distances", "P", "Q")
add("rbf_kernel", "X", "Y")
add("sigmoid_kernel", "X", "Y")
