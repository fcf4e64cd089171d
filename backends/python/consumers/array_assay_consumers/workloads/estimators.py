"""Estimators of scikit-learn: every class that is tagged as supporting the array API, in the forms that take another
path, and tools around them."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge, RidgeClassifier, RidgeClassifierCV, RidgeCV
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer, FunctionTransformer, KernelCenterer, LabelEncoder, MaxAbsScaler, MinMaxScaler, Normalizer, PolynomialFeatures,
    StandardScaler,
)  # fmt: skip

from ..workload import Data, Workload, Workloads, random

WORKLOADS = Workloads()
FEATURES = 4


def classes(n: int, count: int) -> Data:
    """Clusters of samples, and their classes. All classes occur."""
    state = random(n + count)
    y = np.arange(n) % count
    return {"X": state.standard_normal((n, FEATURES)) + 1.5 * y[:, None] * np.array([1.0, -1.0, 0.5, 0.0]), "y": y.astype(np.int64)}


def three_classes(n: int) -> Data:
    """Samples of three classes."""
    return classes(n, 3)


def two_classes(n: int) -> Data:
    """Samples of two classes."""
    return classes(n, 2)


def samples(n: int) -> Data:
    """Samples alone."""
    return {"X": classes(n, 3)["X"]}


def with_nan(n: int) -> Data:
    """Samples, two of whose elements are missing."""
    x = samples(n)["X"]
    x[3, 2] = x[10, 0] = np.nan
    return {"X": x}


def labels(n: int) -> Data:
    """Labels alone, not from zero on."""
    return {"y": (classes(n, 3)["y"] * 3 + 2).astype(np.int64)}


def regression(n: int) -> Data:
    """Samples, and a noisy linear function of them."""
    state = random(n)
    x = state.standard_normal((n, FEATURES))
    return {"X": x, "y": x @ np.array([1.5, -2.0, 0.5, 3.0]) + 0.1 * state.standard_normal(n)}


def positive_regression(n: int) -> Data:
    """As `regression`, with positive targets."""
    data = regression(n)
    return {"X": data["X"], "y": np.exp(0.2 * data["y"])}


def add(name: str, says: str, data: Callable[[int], Data], run: Callable[[Any], dict[str, Any]], **options: Any) -> None:
    """Adds a workload of scikit-learn."""
    WORKLOADS.add(Workload("scikit-learn", name, says, data, run, **options))


def lda_svd() -> LinearDiscriminantAnalysis:
    """The default solver."""
    return LinearDiscriminantAnalysis(solver="svd")


def fitted(estimator: Any, *names: str) -> dict[str, Any]:
    """Attributes of a fitted estimator."""
    return {name: getattr(estimator, name) for name in names}


SVD = 'LinearDiscriminantAnalysis(solver="svd").fit(X, y)'
add("LinearDiscriminantAnalysis.fit", SVD, three_classes,
    lambda a: fitted(lda_svd().fit(a.X, a.y), "coef_", "intercept_", "classes_"))  # fmt: skip
add("LinearDiscriminantAnalysis.predict", SVD + ".predict(X)", three_classes,
    lambda a: {"y": lda_svd().fit(a.X, a.y).predict(a.X)})  # fmt: skip
add("LinearDiscriminantAnalysis.predict_proba", SVD + ".predict_proba(X)", three_classes,
    lambda a: {"p": lda_svd().fit(a.X, a.y).predict_proba(a.X)}, rtol=(1e-6, 1e-2))  # fmt: skip
add("LinearDiscriminantAnalysis.transform", SVD + ".transform(X)", three_classes,
    lambda a: {"t": lda_svd().fit(a.X, a.y).transform(a.X)}, free_signs=("t",))  # fmt: skip
add("LinearDiscriminantAnalysis.predict(two_classes)", SVD + ".predict(X), two classes", two_classes,
    lambda a: {"y": lda_svd().fit(a.X, a.y).predict(a.X)})  # fmt: skip


def pca(a: Any) -> dict[str, Any]:
    """The exact solver, there and back."""
    e = PCA(n_components=3, svd_solver="full").fit(a.X)
    t = e.transform(a.X)
    return {"t": t, "back": e.inverse_transform(t), "explained": e.explained_variance_}


def scaled(make: Callable[[], Any]) -> Callable[[Any], dict[str, Any]]:
    """A scaler, there and back."""

    def run(a: Any) -> dict[str, Any]:
        e = make().fit(a.X)
        t = e.transform(a.X)
        return {"t": t, "back": e.inverse_transform(t)}

    return run


def transformed(make: Callable[[], Any]) -> Callable[[Any], dict[str, Any]]:
    """`fit_transform`."""
    return lambda a: {"t": make().fit_transform(a.X)}


def regressed(make: Callable[[], Any]) -> Callable[[Any], dict[str, Any]]:
    """A linear model: its coefficients and predictions."""

    def run(a: Any) -> dict[str, Any]:
        e = make().fit(a.X, a.y)
        return {"coef_": e.coef_, "y": e.predict(a.X)}

    return run


def classified(make: Callable[[], Any]) -> Callable[[Any], dict[str, Any]]:
    """A classifier: its predictions and their probabilities."""

    def run(a: Any) -> dict[str, Any]:
        e = make().fit(a.X, a.y)
        return {"y": e.predict(a.X), "p": e.predict_proba(a.X)}

    return run


add("PCA.full", 'PCA(3, svd_solver="full"): fit, transform, inverse_transform', samples, pca, free_signs=("t",))
add("PCA.covariance_eigh", 'PCA(3, svd_solver="covariance_eigh").fit_transform(X)', samples,
    transformed(lambda: PCA(n_components=3, svd_solver="covariance_eigh")), free_signs=("t",))  # fmt: skip
add("PCA.randomized", 'PCA(2, svd_solver="randomized").fit_transform(X)', samples,
    transformed(lambda: PCA(n_components=2, svd_solver="randomized", power_iteration_normalizer="QR", random_state=0)),
    free_signs=("t",))  # fmt: skip
add("PCA.whiten", "PCA(2, whiten=True).fit_transform(X)", samples,
    transformed(lambda: PCA(n_components=2, svd_solver="full", whiten=True)), free_signs=("t",))  # fmt: skip
add("StandardScaler", "StandardScaler, there and back, with missing values", with_nan, scaled(StandardScaler))
add("MinMaxScaler", "MinMaxScaler, there and back, with missing values", with_nan, scaled(MinMaxScaler))
add("MinMaxScaler.clip", "MinMaxScaler(clip=True).fit_transform(X)", samples, transformed(lambda: MinMaxScaler(clip=True)))
add("MaxAbsScaler", "MaxAbsScaler, there and back, with missing values", with_nan, scaled(MaxAbsScaler))
add("Normalizer", "Normalizer().fit_transform(X)", samples, transformed(Normalizer))
add("Normalizer.max", 'Normalizer("max").fit_transform(X)', samples, transformed(lambda: Normalizer("max")))
add("Binarizer", "Binarizer().fit_transform(X)", samples, transformed(Binarizer))
add("KernelCenterer", "KernelCenterer().fit_transform(X @ X.T)", lambda n: samples(min(n, 30)),
    lambda a: {"t": KernelCenterer().fit_transform(a.X @ a.X.T)})  # fmt: skip
add("PolynomialFeatures", "PolynomialFeatures(2).fit_transform(X)", samples, transformed(lambda: PolynomialFeatures(degree=2)))
add("FunctionTransformer", "FunctionTransformer().fit_transform(X)", samples, transformed(FunctionTransformer))


def label_encoder(a: Any) -> dict[str, Any]:
    """Labels to numbers and back."""
    e = LabelEncoder()
    t = e.fit_transform(a.y)
    return {"t": t, "back": e.inverse_transform(t)}


add("LabelEncoder", "LabelEncoder, there and back", labels, label_encoder)
add("Ridge.svd", 'Ridge(solver="svd"): fit, predict', regression, regressed(lambda: Ridge(solver="svd")))
add("RidgeCV", "RidgeCV: fit, predict", regression, regressed(RidgeCV))
add("RidgeClassifier", 'RidgeClassifier(solver="svd"): fit, predict', two_classes,
    lambda a: {"y": RidgeClassifier(solver="svd").fit(a.X, a.y).predict(a.X)})  # fmt: skip
add("RidgeClassifierCV", "RidgeClassifierCV: fit, predict", two_classes, regressed(RidgeClassifierCV))
add("LogisticRegression", "LogisticRegression(max_iter=5): fit, predict_proba", two_classes,
    lambda a: {"p": LogisticRegression(max_iter=5).fit(a.X, a.y).predict_proba(a.X)}, rtol=(1e-5, 1e-2))  # fmt: skip
add("PoissonRegressor", "PoissonRegressor(max_iter=5): fit, predict", positive_regression, regressed(lambda: PoissonRegressor(max_iter=5)), rtol=(1e-4, 1e-2))
add("GaussianNB", "GaussianNB: fit, predict, predict_proba", three_classes, classified(GaussianNB), rtol=(1e-6, 1e-2))
add("GaussianMixture", "GaussianMixture(2), two iterations", samples,
    lambda a: {"y": GaussianMixture(n_components=2, init_params="random_from_data", random_state=0, max_iter=2, tol=0.5).fit(a.X).predict(a.X)})  # fmt: skip
add("Nystroem", "Nystroem(8).fit_transform(X)", samples, transformed(lambda: Nystroem(n_components=8, random_state=0)), rtol=(1e-5, 1e-2))
add("CalibratedClassifierCV", 'CalibratedClassifierCV(method="temperature"): fit, predict', two_classes,
    lambda a: {"y": CalibratedClassifierCV(lda_svd(), method="temperature", cv=2).fit(a.X, a.y).predict(a.X)})  # fmt: skip
add("Pipeline", "StandardScaler, PCA and LinearDiscriminantAnalysis: fit, predict", three_classes,
    lambda a: {"y": make_pipeline(StandardScaler(), PCA(2, svd_solver="full"), lda_svd()).fit(a.X, a.y).predict(a.X)})  # fmt: skip
add("train_test_split", "train_test_split(X, y, random_state=0)", three_classes,
    lambda a: dict(zip(("X_train", "X_test", "y_train", "y_test"), train_test_split(a.X, a.y, random_state=0))),
    calls=("sklearn.model_selection.train_test_split",))  # fmt: skip
add("cross_val_score", "cross_val_score(Ridge(solver=svd), X, y, cv=2)", regression,
    lambda a: {"score": cross_val_score(Ridge(solver="svd"), a.X, a.y, cv=2)},
    calls=("sklearn.model_selection.cross_val_score",))  # fmt: skip
