"""The kit of `dismetrics.testing` rejects every planted defect, and passes the same code without it."""

import functools
from dataclasses import dataclass
from typing import Any

import pytest

from dismetrics.testing import check_estimator, check_metric
from mutations import correlations, densities, held_out, histogram_information, neighbour_information, votes
from mutations import information_matrix as matrices
from sizes import size

FEW = {"max_examples": size(12, 5), "budget": None, "n_repeats": 12}


@dataclass(frozen=True)
class Subject:
    """Right code, its defects, and how it is declared to the kit."""

    check: Any
    function: Any
    defects: tuple
    declared: dict

    def report(self, defect=None):
        function = self.function if defect is None else functools.partial(self.function, defect=defect)
        return self.check(function, **self.declared, **FEW)


SUBJECTS = {
    "mig": Subject(
        check_metric, histogram_information.mig, histogram_information.MIG_DEFECTS, {"kind": "mig", "n_bins": 20}
    ),
    "modularity": Subject(
        check_metric, histogram_information.modularity, histogram_information.MODULARITY_DEFECTS, {"kind": "modularity"}
    ),
    "med": Subject(check_metric, histogram_information.med, histogram_information.MED_DEFECTS, {"kind": "med"}),
    "mig by neighbours": Subject(
        check_metric, neighbour_information.mig, neighbour_information.DEFECTS, {"kind": "mig", "estimator": "knn"}
    ),
    "r2": Subject(check_metric, held_out.r2, held_out.DEFECTS, {"kind": "r2"}),
    "factor_vae_score": Subject(
        check_metric, votes.factor_vae_score, votes.DEFECTS, {"kind": "factor_vae_score", "n_train": 40, "n_test": 40}
    ),
    "a metric of no kind": Subject(check_metric, correlations.matched_ratio, correlations.DEFECTS, {}),
    "log density": Subject(
        check_estimator, densities.log_density, densities.LOG_DENSITY_DEFECTS, {"estimates": "log_density"}
    ),
    "total correlation": Subject(
        check_estimator, densities.total_correlation, densities.TC_DEFECTS, {"estimates": "total_correlation"}
    ),
    "mss": Subject(check_estimator, densities.mss, densities.MSS_DEFECTS, {"estimates": "mss"}),
    "mutual information": Subject(
        check_estimator,
        matrices.information_matrix,
        matrices.DEFECTS,
        {"estimates": "mutual_information", "n_bins": 20},
    ),
    "entropy": Subject(check_estimator, matrices.entropy, matrices.ENTROPY_DEFECTS, {"estimates": "entropy"}),
}
DEFECTS = [
    pytest.param(name, defect, id=f"{name}: {defect}")
    for name, subject in SUBJECTS.items()
    for defect in subject.defects
]


@pytest.mark.parametrize("name", SUBJECTS)
def test_right_code_passes(name):
    report = SUBJECTS[name].report()
    assert report.passed, str(report)


@pytest.mark.parametrize(("name", "defect"), DEFECTS[:: size(1, 7)])
def test_defects_are_rejected(name, defect):
    report = SUBJECTS[name].report(defect)
    assert not report.passed, str(report)
    for row in report.failures:
        assert row.message
        # Headings and a note beside the rows.
        assert len(str(row.counterexample).splitlines()) <= 12 + 6


def test_there_are_enough_defects():
    assert len(DEFECTS) >= 25
