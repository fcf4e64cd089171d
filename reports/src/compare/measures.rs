//! What two runs measured: the accuracy of approximations, and the time of calls. Neither is a verdict.

use std::fmt;

use array_assay_format::{Cell, CheckId, FunctionTime, Results, UlpAccuracy};

use super::place;
use crate::text::{one_line, ulp};

/// So many ULP may the largest errors of two runs differ.
const ULP: f64 = 2.0;

/// By this factor may ratios of residuals differ, and times.
const FACTOR: f64 = 2.0;

/// A ratio below this is noise: results are as good as rounding lets them be.
const SMALL_RATIO: f64 = 1.0;

/// Fewer calls than this say nothing of the time of one.
const FEW_CALLS: u64 = 50;

/// A call must take so much longer, in seconds: less is what the transport of its arrays varies by.
const SLOWER_BY: f64 = 20e-6;

/// An accuracy that changed by more than 2 ULP, or for a ratio of residuals by a factor of 2.
#[derive(Debug, Clone, PartialEq)]
pub struct AccuracyChange {
    /// The check.
    pub id: CheckId,
    /// The dtypes (with the device) of the cell.
    pub cell: String,
    /// What was measured: `ULP`, or the equation that results fulfil, with the class of inputs.
    pub what: String,
    /// The largest error in the old run.
    pub old: f64,
    /// The largest error in the new run.
    pub new: f64,
    /// The input with the largest error, from the run that is worse.
    pub worst: Option<String>,
}

/// A function whose calls take more than twice as long as before, or less than half as long.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeChange {
    /// The category and the name of the function.
    pub function: String,
    /// Seconds that the library's process ran for a call in the old run.
    pub old: f64,
    /// Seconds that the library's process ran for a call in the new run, brought to the pace of the old run.
    pub new: f64,
}

/// The accuracies of two cells that differ.
pub(super) fn of_accuracy(id: &CheckId, old: &Cell, new: &Cell) -> Vec<AccuracyChange> {
    let (Some(before), Some(after)) = (&old.accuracy, &new.accuracy) else { return Vec::new() };
    let change = |what: String, (old, now): (f64, f64), worst: Option<String>| AccuracyChange {
        id: id.clone(),
        cell: place(new),
        what,
        old,
        new: now,
        worst,
    };
    if let (Some(old), Some(new)) = (before.ulp(), after.ulp()) {
        // Two infinite errors are the same.
        let changed = old.max_ulp != new.max_ulp && (old.max_ulp - new.max_ulp).abs() > ULP;
        let worse: &UlpAccuracy = if old.max_ulp > new.max_ulp { old } else { new };
        return changed.then(|| change("ULP".to_owned(), (old.max_ulp, new.max_ulp), worse.worst.clone())).into_iter().collect();
    }
    let mut out = Vec::new();
    for ratio in after.ratios() {
        let Some(earlier) = before.ratios().iter().find(|r| (&r.what, &r.class) == (&ratio.what, &ratio.class)) else { continue };
        let (less, more) = if earlier.max < ratio.max { (earlier.max, ratio.max) } else { (ratio.max, earlier.max) };
        if more > SMALL_RATIO && more > less * FACTOR {
            let class = ratio.class.as_ref().map(|class| format!(" of {class}")).unwrap_or_default();
            out.push(change(format!("{}{class}", ratio.what), (earlier.max, ratio.max), None));
        }
    }
    out
}

/// The pace of the new run, as a multiple of the old one's: the median over the functions that both ran. `None` if the runs cannot be compared.
fn pace(pairs: &[(&String, f64, f64)]) -> Option<f64> {
    let mut ratios: Vec<f64> = pairs.iter().map(|(_, old, new)| new / old).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().filter(|pace| pace.is_finite() && *pace > 0.0)
}

/// The functions whose calls became slower or faster by a factor of 2, after the difference between the machines is taken out: the pace of the
/// new run, which is the median over all functions. The pace is returned too if it differs from 1 by a factor of 2.
/// Only runs of the same cases can be compared.
pub(super) fn of_times(old: &Results, new: &Results) -> (Vec<TimeChange>, Option<f64>) {
    if (old.header.seed, old.header.cases) != (new.header.seed, new.header.cases) {
        return (Vec::new(), None);
    }
    let a_call = |time: &FunctionTime| {
        time.cpu_s.filter(|seconds| time.calls >= FEW_CALLS && *seconds > 0.0).map(|seconds| seconds / time.calls as f64)
    };
    let both =
        old.footer.functions.iter().filter_map(|(name, before)| Some((name, a_call(before)?, a_call(new.footer.functions.get(name)?)?)));
    let pairs: Vec<(&String, f64, f64)> = both.collect();
    let Some(pace) = pace(&pairs) else { return (Vec::new(), None) };
    let change = |(name, before, now): &(&String, f64, f64)| TimeChange { function: (*name).clone(), old: *before, new: now / pace };
    let changed = |change: &TimeChange| {
        let (less, more) = if change.old < change.new { (change.old, change.new) } else { (change.new, change.old) };
        more > less * FACTOR && more - less > SLOWER_BY
    };
    let mut changes: Vec<TimeChange> = pairs.iter().map(change).filter(changed).collect();
    changes.sort_by(|a, b| (b.new / b.old).total_cmp(&(a.new / a.old)).then_with(|| a.function.cmp(&b.function)));
    let other_pace = !(1.0 / FACTOR..=FACTOR).contains(&pace);
    (changes, other_pace.then_some(pace))
}

/// A time in the unit that fits it.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.1} s"),
    }
}

impl fmt::Display for AccuracyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  {} -> {} {}", self.id, self.cell, ulp(self.old), ulp(self.new), self.what)?;
        match &self.worst {
            Some(worst) => write!(f, "  at {}", one_line(worst, 100)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for TimeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {} -> {} a call", self.function, time(self.old), time(self.new))
    }
}
