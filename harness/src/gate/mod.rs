//! The gate compares results with a baseline. It reports the deviations that the baseline does not name, and the entries that are stale.

mod baseline;
mod edit;
mod found;
mod scope;
mod update;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use array_assay_format::{Cause, Cell, Check, CheckId, Glob, Header, Level, Results, Revision, Verdict};
use array_assay_spec::Spec;
use array_assay_spec::checks::{CheckDefinition, LARGE, OPEN};

pub use baseline::{Baseline, BaselineError, Checks, Known, KnownKinds, Place, UNEXPLAINED};
pub use found::{Found, NO_DTYPE};
pub use scope::When;
pub use update::Update;

use found::dtype_name;

/// The comparison of a run with a baseline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gate {
    /// The checks with deviations that the baseline does not name.
    pub unexpected: Vec<Unexpected>,
    /// The checks whose deviations are all in the baseline.
    pub known: Vec<CheckId>,
    /// The stale entries: the run could have shown their deviations, and did not.
    pub stale: Vec<Stale>,
}

/// A check with deviations that the baseline does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected {
    /// The check.
    pub check: CheckId,
    /// The deviations that the baseline does not name.
    pub new: Vec<Found>,
    /// Whether the baseline has other entries for the check.
    pub partly_known: bool,
}

/// An entry of the baseline that is stale as a whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The check or checks of the entry.
    pub check: Checks,
    /// The cause. `None` means any cause.
    pub cause: Option<Cause>,
    /// The stale pairs of a dtype and a kind. Empty if the whole entry is stale.
    pub pairs: Vec<(Option<String>, Option<String>)>,
    /// The reason that the entry gives for the deviation.
    pub reason: String,
    /// A link to a discussion.
    pub link: Option<String>,
    /// The position of the entry in its file.
    pub place: Option<Place>,
}

impl Gate {
    /// Compares results with a baseline, for checks of `revision` at `level` or a more binding level.
    pub fn judge(results: &Results, baseline: &Baseline, revision: Revision, level: Level) -> Gate {
        let mut gate = Gate::default();
        let mut entries: BTreeMap<&CheckId, Vec<&Known>> = BTreeMap::new();
        let mut of_several: Vec<&Known> = Vec::new();
        for known in &baseline.deviations {
            match &known.check {
                Checks::One(id) => entries.entry(id).or_default().push(known),
                Checks::Matching(_) => of_several.push(known),
            }
        }
        let mut ran: BTreeMap<&CheckId, Ran<'_>> = BTreeMap::new();
        for check in &results.checks {
            let found = Found::in_check(check, Some(revision));
            if !found.is_empty() && check.gate_level() <= level && !check.is_gap() {
                let mut known = entries.get(&check.id).cloned().unwrap_or_default();
                known.extend(of_several.iter().filter(|known| known.check.include(&check.id)));
                let named = |found: &&Found| {
                    known.iter().any(|known| known.names(&check.id, found.cause) && known.excuses(&found.dtype, found.kind.as_deref()))
                };
                let new: Vec<Found> = found.iter().filter(|found| !named(found)).cloned().collect();
                match new.is_empty() {
                    true => gate.known.push(check.id.clone()),
                    false => gate.unexpected.push(Unexpected { check: check.id.clone(), new, partly_known: !known.is_empty() }),
                }
            }
            ran.insert(&check.id, Ran { check, found });
        }
        for known in baseline.deviations.iter().filter(|known| !known.intermittent) {
            let Some(judged) = all_that_ran(results, known, &ran) else { continue };
            let pairs = known.pairs();
            let total = pairs.len();
            let stale: Vec<_> = pairs.into_iter().filter(|pair| is_stale(results, &judged, revision, known, *pair)).collect();
            if !stale.is_empty() {
                let whole = stale.len() == total;
                let owned = |(dtype, kind): (Option<&str>, Option<&str>)| (dtype.map(str::to_owned), kind.map(str::to_owned));
                let pairs = if whole { Vec::new() } else { stale.into_iter().map(owned).collect() };
                let Known { check, cause, reason, link, place, .. } = known.clone();
                gate.stale.push(Stale { check, cause, pairs, reason, link, place });
            }
        }
        gate
    }

    /// Whether the run has no unexpected deviation and no stale entry.
    pub fn is_open(&self) -> bool {
        self.unexpected.is_empty() && self.stale.is_empty()
    }
}

/// A check that ran, with its deviations.
struct Ran<'r> {
    check: &'r Check,
    found: BTreeSet<Found>,
}

/// The checks of an entry. `None` unless the run contains all of them.
fn all_that_ran<'r, 'c>(results: &Results, known: &Known, ran: &'r BTreeMap<&CheckId, Ran<'c>>) -> Option<Vec<&'r Ran<'c>>> {
    let judged: Option<Vec<_>> = match &known.check {
        Checks::One(id) => vec![ran.get(id)].into_iter().collect(),
        Checks::Matching(glob) => of_glob(glob, &results.header).iter().map(|id| ran.get(id)).collect(),
    };
    judged.filter(|judged| !judged.is_empty())
}

/// The standard's checks that match a glob in the revisions of a run. Checks of calls that were not asked for are not among them.
fn of_glob(glob: &Glob, header: &Header) -> Vec<CheckId> {
    let is_judged = |c: &CheckDefinition| header.revisions.iter().any(|r| c.since <= *r && c.until.is_none_or(|last| *r <= last));
    let is_asked_for = |id: &CheckId| match id.slug.as_deref() {
        Some(slug @ (OPEN | LARGE)) => header.options.contains_key(slug),
        _ => true,
    };
    let checks = Spec::embedded().checks().filter(is_judged).map(|check| check.id);
    checks.filter(|id| glob.matches(id) && is_asked_for(id)).collect()
}

/// Whether a run shows that the deviations of an entry on a dtype and of a kind no longer occur in any of its checks.
fn is_stale(
    results: &Results,
    judged: &[&Ran<'_>],
    revision: Revision,
    known: &Known,
    (dtype, kind): (Option<&str>, Option<&str>),
) -> bool {
    let same_run = results.header.seed == known.seed && results.header.cases >= known.cases;
    let occurs = |ran: &&Ran<'_>| ran.found.iter().any(|found| found.is_one_of(known.cause, dtype, kind));
    let shown = |ran: &&Ran<'_>| shows(results, ran.check, Some(revision), dtype);
    same_run && judged.iter().any(shown) && !judged.iter().any(occurs)
}

/// Whether a run can show a deviation of a check on a dtype, because it judged the check there. `dtype` is the name in lists of dtypes.
/// `None` means any.
fn shows(results: &Results, check: &Check, revision: Option<Revision>, dtype: Option<&str>) -> bool {
    // A check that is blocked, or not in this revision, shows no deviation.
    let verdict = revision.map_or(Some(check.verdict), |revision| check.verdict_in(revision));
    let counts = |cell: &Cell| revision.is_none_or(|r| cell.since.is_none_or(|since| since <= r));
    // A cell without cases was not tested, unless it does not apply to the library.
    let judged = |cell: &Cell| cell.verdict == Verdict::Unsupported || cell.verdict.is_judged() && cell.cases > 0;
    let mut cells = check.cells.iter().filter(|cell| counts(cell));
    verdict.is_some_and(Verdict::is_judged)
        && match dtype {
            None => !results.header.options.contains_key("dtype") && (check.cells.is_empty() || cells.any(judged)),
            Some(NO_DTYPE) => cells.filter(|cell| cell.dtype.is_empty()).all(judged),
            Some(dtype) => cells.any(|cell| cell.dtype == dtype && judged(cell)),
        }
}

/// A list of dtypes in one line. If there are many, only the first are named.
fn few(dtypes: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown = dtypes.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if dtypes.len() > SHOWN { format!("{shown} and {} more", dtypes.len() - SHOWN) } else { shown }
}

/// Pairs of dtype and kind in one line, grouped by kind: `float32, int8 (one off); float32 (sign of zero)`.
fn listed<'p>(pairs: impl Iterator<Item = (Option<&'p str>, Option<&'p str>)>) -> String {
    let mut by_kind: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for (dtype, kind) in pairs {
        by_kind.entry(kind).or_default().extend(dtype.filter(|dtype| *dtype != NO_DTYPE));
    }
    let part = |(kind, dtypes): (&Option<&str>, &Vec<&str>)| match (kind, dtypes.is_empty()) {
        (None, _) => few(dtypes),
        (Some(kind), true) => (*kind).to_owned(),
        (Some(kind), false) => format!("{} ({kind})", few(dtypes)),
    };
    by_kind.iter().map(part).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.check, cause_word(self.cause))?;
        let list = listed(self.pairs().into_iter());
        if list.is_empty() { Ok(()) } else { write!(f, ": {list}") }
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.check)?;
        let causes: BTreeSet<Cause> = self.new.iter().map(|found| found.cause).collect();
        for (i, cause) in causes.iter().enumerate() {
            let of_cause = self.new.iter().filter(|found| found.cause == *cause);
            let list = listed(of_cause.map(|found| (Some(dtype_name(&found.dtype)), found.kind.as_deref())));
            write!(f, "{}{cause}", if i == 0 { "  " } else { ", " })?;
            if !list.is_empty() {
                write!(f, ": {list}")?;
            }
        }
        if self.partly_known { write!(f, "; the baseline names others of its deviations, not these") } else { Ok(()) }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.check, cause_word(self.cause))?;
        let place = self.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        if self.pairs.is_empty() {
            return write!(f, " is in the baseline but did not occur: remove the entry{place}, or update the baseline");
        }
        let pairs = self.pairs.iter().map(|(dtype, kind)| (dtype.as_deref(), kind.as_deref()));
        write!(f, " is in the baseline, but did not occur for {}: remove that from the entry{place}, or update the baseline", listed(pairs))
    }
}

/// The cause that an entry names.
fn cause_word(cause: Option<Cause>) -> &'static str {
    cause.map_or("any cause", Cause::word)
}

#[cfg(test)]
mod tests;
