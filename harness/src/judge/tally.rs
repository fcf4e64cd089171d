//! Tallies: what is counted of one check on one combination of dtypes, and the cell that is made from it.

use std::collections::BTreeMap;

use array_assay_format::{Accuracy, Cause, Cell, Classes, Ratio, RatioAccuracy, UlpAccuracy, Verdict};
use array_assay_interface::Element;
use array_assay_oracle::call::Grade;

use super::expectation::Mismatch;
use super::kind::{Kind, Kinds};
use crate::generate::CaseId;

/// A case that deviates.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The case.
    pub id: CaseId,
    /// The flat index of the wrong element of the result, if an element is wrong.
    pub element: Option<usize>,
    /// The cause of the deviation.
    pub cause: Cause,
    /// What the standard says.
    pub expected: String,
    /// What the library returned or did.
    pub got: String,
    /// The verdict on the case.
    pub verdict: Verdict,
    /// The kinds of deviation. Empty if the cause says everything.
    pub kinds: Kinds,
}

/// Why there are no values to judge.
pub enum NoResult {
    /// The function was given up before.
    Skipped,
    /// A step before the call failed, or an array could not be made or handed back. Holds what came instead.
    NotPrepared(String),
    /// The call itself failed.
    Fault(Verdict, Mismatch),
}

impl NoResult {
    /// Whether the call raised.
    pub fn is_raised(&self) -> bool {
        matches!(self, NoResult::Fault(_, Mismatch { cause: Cause::Raised, .. }))
    }

    /// The same where other checks report a missing name, and where something else than a result is expected.
    pub fn of_other_calls(self, expected: &str) -> NoResult {
        match self {
            NoResult::Fault(_, Mismatch { cause: Cause::MissingName, got, .. }) => NoResult::NotPrepared(got),
            NoResult::Fault(verdict, mismatch) => NoResult::Fault(verdict, Mismatch { expected: expected.to_owned(), ..mismatch }),
            other => other,
        }
    }
}

impl Failure {
    /// A case that deviates so.
    pub fn new(id: CaseId, verdict: Verdict, Mismatch { cause, expected, got, element, kinds, .. }: Mismatch) -> Failure {
        Failure { id, element, cause, expected, got, verdict, kinds }
    }

    /// Whether the case deviates in one of these kinds. Also true if one side names no kind.
    pub fn is_alike(&self, kinds: &Kinds) -> bool {
        self.kinds.is_empty() || kinds.is_empty() || !self.kinds.is_disjoint(kinds)
    }
}

/// The greatest number of kinds of one cause that a cell names.
const MOST: usize = 16;

/// Stands for all further kinds.
const OTHERS: &str = "other kinds";

/// The kinds of all deviating cases of a cell. For each cause and kind, the number of cases and the first of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KindTally(BTreeMap<Cause, BTreeMap<Kind, (u64, Failure)>>);

impl KindTally {
    /// Counts a case that deviates.
    pub fn add(&mut self, failure: &Failure) {
        let of_cause = self.0.entry(failure.cause).or_default();
        for kind in &failure.kinds {
            match of_cause.get_mut(kind) {
                Some((count, _)) => *count += 1,
                None => drop(of_cause.insert(kind.clone(), (1, failure.clone()))),
            }
        }
        bound(of_cause);
    }

    /// Adds the counts of another combination with the same name.
    pub fn merge(&mut self, other: KindTally) {
        for (cause, kinds) in other.0 {
            let of_cause = self.0.entry(cause).or_default();
            for (kind, entry) in kinds {
                join(of_cause, kind, entry);
            }
            bound(of_cause);
        }
    }

    /// The numbers of cases, as records hold them.
    pub fn record(&self) -> BTreeMap<Cause, BTreeMap<String, u64>> {
        let counts = |kinds: &BTreeMap<Kind, (u64, Failure)>| kinds.iter().map(|(kind, (count, _))| (kind.to_string(), *count)).collect();
        self.0.iter().map(|(cause, kinds)| (*cause, counts(kinds))).collect()
    }

    /// The first case of each kind of a cause.
    pub fn firsts(&self, cause: Cause) -> impl Iterator<Item = (&str, &Failure)> {
        self.0.get(&cause).into_iter().flatten().map(|(kind, (_, first))| (kind.as_ref(), first))
    }
}

/// Adds the count of a kind.
fn join(kinds: &mut BTreeMap<Kind, (u64, Failure)>, kind: Kind, (count, first): (u64, Failure)) {
    match kinds.get_mut(&kind) {
        None => drop(kinds.insert(kind, (count, first))),
        Some((sum, earliest)) => {
            *sum += count;
            if first.id < earliest.id {
                *earliest = first;
            }
        }
    }
}

/// Keeps the kinds that come first in alphabetical order, and joins the others into one. The result does not depend on the order of
/// counting.
fn bound(kinds: &mut BTreeMap<Kind, (u64, Failure)>) {
    while kinds.len() > MOST + usize::from(kinds.contains_key(OTHERS)) {
        let Some(last) = kinds.keys().rfind(|kind| *kind != OTHERS).cloned() else { return };
        if let Some(entry) = kinds.remove(&last) {
            join(kinds, Kind::Borrowed(OTHERS), entry);
        }
    }
}

/// Counts of one check on one combination of dtypes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// The number of judged cases.
    pub cases: u64,
    /// The number of cases that deviate.
    pub failures: u64,
    /// The gravest deviation; of several the first one.
    pub first: Option<Failure>,
    /// The kinds of deviation, with the first case of each.
    pub kinds: KindTally,
    /// The number of elements that are right in a way worth counting.
    pub classes: Classes,
    /// The accuracy of approximations.
    pub accuracy: AccuracyTally,
    /// The ratios of graded results, by what was measured and the class of the input.
    pub ratios: BTreeMap<(&'static str, Option<&'static str>), RatioTally>,
    /// A note for the reader of the record.
    pub note: Option<String>,
    /// The number of cases that failed once and then not again.
    pub flaky: u64,
    /// The number of cases that were not run, because the function was given up.
    pub skipped: u64,
    /// The number of cases without a result that the library may refuse.
    pub excused: u64,
    /// Why the library may refuse them.
    pub excuse: Option<String>,
    /// Whether some case should have been judged but could not be.
    pub due: bool,
    /// Why cases could not be prepared, so that they were not judged.
    pub unprepared: Option<String>,
    /// In the stream of a special case: the first call without a result. It counts unless the function's ordinary calls fail too.
    pub no_result: Option<Failure>,
    /// The kinds of deviation of the calls without a result.
    pub no_result_kinds: KindTally,
}

/// The ratios of one equation, over all graded results.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct RatioTally {
    pub count: u64,
    /// The greatest ratio. Infinite if one was NaN.
    pub max: f64,
    pub sum: f64,
    pub threshold: f64,
}

impl RatioTally {
    fn merge(&mut self, other: &RatioTally) {
        self.count += other.count;
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.threshold = self.threshold.max(other.threshold);
    }
}

/// The accuracy of approximations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccuracyTally {
    /// The greatest error against the unrounded value, in ULP.
    pub max: f64,
    /// The sum of the distances from the correctly rounded values, in ULP.
    pub sum: f64,
    /// The number of elements.
    pub count: u64,
    /// How often the error was measured in arbitrary precision.
    pub measured: u32,
    /// The arguments with the greatest error.
    pub worst: Option<Vec<Element>>,
}

impl AccuracyTally {
    /// A tally for elements whose accuracy no check records. Only an error above the greatest so far is measured, and here that is infinity.
    pub fn closed() -> AccuracyTally {
        AccuracyTally { max: f64::INFINITY, ..AccuracyTally::default() }
    }

    /// Adds a measured error. `args` are the arguments that it belongs to.
    pub fn note(&mut self, error: f64, args: &[Element]) {
        if error.is_finite() && error > self.max {
            self.max = error;
            self.worst = Some(args.to_vec());
        }
    }

    fn merge(&mut self, other: &AccuracyTally) {
        if other.max > self.max {
            self.max = other.max;
            self.worst.clone_from(&other.worst);
        }
        self.sum += other.sum;
        self.count += other.count;
    }

    /// The accuracy as records hold it. `None` if nothing was measured.
    pub fn record(&self, limit: Option<f64>) -> Option<Accuracy> {
        let worst = self.worst.as_ref().map(|args| args.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        (self.count > 0)
            .then(|| Accuracy::Ulp(UlpAccuracy { max_ulp: self.max.max(0.5), mean_ulp: self.sum / self.count as f64, worst, limit }))
    }
}

impl Tally {
    /// Counts a case that is right.
    pub fn pass(&mut self) {
        self.cases += 1;
    }

    /// Counts a case that deviates if there is a failure, or that is right.
    pub fn settle(&mut self, failure: Option<Failure>) {
        match failure {
            Some(failure) => self.fail(failure),
            None => self.pass(),
        }
    }

    /// Counts a case that gave no values.
    pub fn without_values(&mut self, id: CaseId, why: NoResult) {
        match why {
            NoResult::Skipped => self.skipped += 1,
            NoResult::NotPrepared(why) => drop(self.unprepared.get_or_insert(why)),
            NoResult::Fault(verdict, mismatch) => self.fail(Failure::new(id, verdict, mismatch)),
        }
    }

    /// Counts a case without a result where the standard permits the library to refuse the call.
    pub fn excuse(&mut self, why: &str) {
        self.excused += 1;
        self.excuse.get_or_insert_with(|| why.to_owned());
    }

    /// Counts a case that deviates.
    pub fn fail(&mut self, failure: Failure) {
        self.cases += 1;
        self.failures += 1;
        self.kinds.add(&failure);
        let graver = |old: &Failure| failure.verdict > old.verdict;
        if self.first.as_ref().is_none_or(graver) {
            self.first = Some(failure);
        }
    }

    /// Keeps a case without a result apart, in the stream of a special case.
    pub fn without_result(&mut self, failure: Failure) {
        self.no_result_kinds.add(&failure);
        self.no_result.get_or_insert(failure);
    }

    /// Counts all calls without a result as one case that deviates.
    pub fn count_without_result(&mut self) {
        if let Some(failure) = self.no_result.take() {
            self.kinds.merge(std::mem::take(&mut self.no_result_kinds));
            self.fail(Failure { kinds: Kinds::new(), ..failure });
        }
    }

    /// The case that a counterexample should show: the first one of a kind that is not known, with only its unknown kinds. If all kinds are
    /// known, the first case.
    pub fn telling(&self, is_known: impl Fn(&str) -> bool) -> Option<Failure> {
        let first = self.first.as_ref()?;
        let new = self.kinds.firsts(first.cause).filter(|(kind, failure)| failure.verdict == first.verdict && !is_known(kind));
        let Some(failure) = new.map(|(_, failure)| failure).min_by_key(|failure| failure.id) else { return Some(first.clone()) };
        let kinds = failure.kinds.iter().filter(|kind| !is_known(kind)).cloned().collect();
        Some(Failure { kinds, ..failure.clone() })
    }

    /// Adds a grade. `class` is the class of the input.
    pub fn grade(&mut self, grade: &Grade, class: Option<&'static str>) {
        let ratio = if grade.ratio.is_nan() { f64::INFINITY } else { grade.ratio };
        let one = RatioTally { count: 1, max: ratio, sum: ratio, threshold: grade.threshold };
        self.ratios.entry((grade.what, class)).or_default().merge(&one);
    }

    /// The ratios as records hold them. `None` if nothing was graded.
    fn ratio_record(&self) -> Option<Accuracy> {
        let record = |((what, class), tally): (&(&str, Option<&str>), &RatioTally)| Ratio {
            what: (*what).to_owned(),
            class: class.map(str::to_owned),
            threshold: tally.threshold,
            count: tally.count,
            max: tally.max,
            mean: tally.sum / tally.count as f64,
        };
        (!self.ratios.is_empty()).then(|| Accuracy::Ratio(RatioAccuracy { ratio: self.ratios.iter().map(record).collect() }))
    }

    /// Adds the counts of another combination with the same name.
    pub fn merge(&mut self, other: Tally) {
        self.cases += other.cases;
        self.failures += other.failures;
        self.flaky += other.flaky;
        self.skipped += other.skipped;
        self.excused += other.excused;
        self.excuse = self.excuse.take().or(other.excuse);
        self.due |= other.due;
        self.unprepared = self.unprepared.take().or(other.unprepared);
        self.classes.flushed += other.classes.flushed;
        self.classes.alternative += other.classes.alternative;
        self.accuracy.merge(&other.accuracy);
        for (key, ratios) in &other.ratios {
            self.ratios.entry(*key).or_default().merge(ratios);
        }
        self.note = self.note.take().or(other.note);
        self.no_result = self.no_result.take().or(other.no_result);
        self.no_result_kinds.merge(other.no_result_kinds);
        self.kinds.merge(other.kinds);
        let earlier = |a: &Failure, b: &Failure| (std::cmp::Reverse(b.verdict), b.id) < (std::cmp::Reverse(a.verdict), a.id);
        match (&self.first, other.first) {
            (Some(a), Some(b)) if earlier(a, &b) => self.first = Some(b),
            (None, b) => self.first = b,
            _ => {}
        }
    }

    /// Whether the tally has a cell.
    pub fn is_due(&self) -> bool {
        self.due || self.cases + self.skipped + self.flaky + self.excused > 0
    }

    /// The verdict of the cell. It is blocked if nothing could be judged.
    pub fn verdict(&self) -> Verdict {
        match &self.first {
            Some(failure) => failure.verdict,
            None if self.flaky > 0 => Verdict::Flaky,
            None if self.cases > 0 => Verdict::Pass,
            None if self.excused > 0 => Verdict::Unsupported,
            None => Verdict::Blocked,
        }
    }

    /// The note of the cell, with the number of refused calls.
    fn note(&self) -> Option<String> {
        let refused = self.excuse.as_ref().map(|why| match (self.cases, self.excused) {
            (0, _) => why.clone(),
            (_, 1) => format!("1 call more was refused: {why}"),
            (_, n) => format!("{n} calls more were refused: {why}"),
        });
        let notes: Vec<String> = self.note.iter().cloned().chain(refused).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// The cell, without its counterexample.
    pub fn cell(&self, dtype: &str, since: Option<array_assay_format::Revision>, limit: Option<f64>) -> Cell {
        Cell {
            dtype: dtype.to_owned(),
            device: String::new(),
            verdict: self.verdict(),
            cause: self.first.as_ref().map(|f| f.cause),
            since,
            cases: self.cases,
            failures: self.failures,
            kinds: self.kinds.record(),
            classes: self.classes,
            accuracy: self.accuracy.record(limit).or_else(|| self.ratio_record()),
            counterexample: None,
            note: self.note(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Sort;

    #[test]
    fn ratios_are_counted_by_equation_and_class() {
        let grade = |what, ratio| Grade { what, ratio, threshold: 30.0 };
        let mut tally = Tally::default();
        tally.grade(&grade("residual", 1.0), Some("hilbert"));
        tally.grade(&grade("residual", 4.0), None);
        let mut other = Tally::default();
        other.grade(&grade("residual", 2.0), Some("hilbert"));
        other.grade(&grade("orthogonality", f64::NAN), None);
        tally.merge(other);
        let Some(Accuracy::Ratio(RatioAccuracy { ratio })) = tally.cell("float64", None, None).accuracy else { panic!("no ratios") };
        let shown: Vec<_> = ratio.iter().map(|r| (r.what.as_str(), r.class.as_deref(), r.count, r.max, r.mean)).collect();
        let nan = ("orthogonality", None, 1, f64::INFINITY, f64::INFINITY);
        assert_eq!(shown, [nan, ("residual", None, 1, 4.0, 4.0), ("residual", Some("hilbert"), 2, 2.0, 1.5)]);
    }

    #[test]
    fn a_counterexample_shows_a_kind_that_is_not_known() {
        let failure = |number: u64, kinds: &[&'static str]| Failure {
            id: Sort::Plain.nth(number),
            element: None,
            cause: Cause::WrongValue,
            expected: String::new(),
            got: String::new(),
            verdict: Verdict::Fail,
            kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
        };
        let mut tally = Tally::default();
        tally.fail(failure(2, &["one off"]));
        tally.fail(failure(7, &["one off", "sign of zero"]));
        let shown = |known: &[&str]| tally.telling(|kind| known.contains(&kind)).map(|failure| (failure.id.number, failure.kinds));
        assert_eq!(shown(&[]), Some((2, ["one off".into()].into())));
        assert_eq!(shown(&["one off"]), Some((7, ["sign of zero".into()].into())));
        assert_eq!(shown(&["one off", "sign of zero"]), Some((2, ["one off".into()].into())));
        let counts: Vec<_> = tally.cell("float64", None, None).kinds.remove(&Cause::WrongValue).into_iter().flatten().collect();
        assert_eq!(counts, [("one off".to_owned(), 2), ("sign of zero".to_owned(), 1)]);
    }

    #[test]
    fn the_kinds_that_are_kept_do_not_depend_on_the_order_of_counting() {
        let failure = |kind: usize| Failure {
            id: Sort::Plain.nth(kind as u64),
            element: None,
            cause: Cause::Raised,
            expected: String::new(),
            got: String::new(),
            verdict: Verdict::Fail,
            kinds: [format!("Error{kind:02}").into()].into(),
        };
        let tally = |order: &mut dyn Iterator<Item = usize>| {
            let mut tally = KindTally::default();
            order.for_each(|kind| tally.add(&failure(kind)));
            tally
        };
        let up = tally(&mut (0..40).chain(0..40));
        let down = tally(&mut (0..40).rev().chain(0..40));
        assert_eq!(up.record(), down.record());
        let mut halves = tally(&mut (0..40));
        halves.merge(tally(&mut (0..40).rev()));
        assert_eq!(halves.record(), up.record());
        let counts = &up.record()[&Cause::Raised];
        assert_eq!((counts.len(), counts["Error00"], counts[OTHERS]), (MOST + 1, 2, 48));
    }
}
