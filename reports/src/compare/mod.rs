//! The comparison of two runs: what was fixed, what broke, and what became less accurate or slower.

mod markdown;
mod measures;
mod text;

use std::collections::{BTreeMap, VecDeque};

use array_assay_format::{Cause, Cell, Check, CheckId, Header, Level, Results, Revision, Verdict};

pub use measures::{AccuracyChange, TimeChange};

use crate::text::{count, one_line};

/// A check whose result changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The id of the check.
    pub id: CheckId,
    /// The level of the check, from the new run if it has the check.
    pub level: Level,
    /// The verdict in the old run. `None` if that run does not have the check.
    pub old: Option<Verdict>,
    /// The verdict in the new run. `None` if that run does not have the check.
    pub new: Option<Verdict>,
    /// The cause of the first changed cell that deviates, or else of the first cell that deviates.
    pub cause: Option<Cause>,
    /// The dtypes (with devices) of the cells that changed. Empty if the check as a whole changed.
    pub cells: Vec<String>,
}

impl Change {
    /// Whether it is at a level that people rely on.
    fn may_regress(&self) -> bool {
        self.level <= Level::Should
    }
}

/// What changed between two runs. Each list is sorted by check id. A check that deviates on other dtypes than before is in `broken` or `fixed`,
/// or in both, with those dtypes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Differences between the headers of the runs that may explain the changes, such as the library's version, the seed or the cases.
    pub notes: Vec<String>,
    /// The number of checks that both runs have and that could be compared.
    pub compared: usize,
    /// Checks that deviated and no longer do.
    pub fixed: Vec<Change>,
    /// Checks that deviate now, or on dtypes on which they did not deviate before.
    pub broken: Vec<Change>,
    /// Checks whose calls now kill the process or hang.
    pub new_crashes: Vec<Change>,
    /// Checks of functions that existed and no longer do.
    pub newly_missing: Vec<Change>,
    /// Checks that only the new run has.
    pub appeared: Vec<Change>,
    /// Checks that only the old run has.
    pub vanished: Vec<Change>,
    /// The number of checks for which one run has dtypes that the other lacks. These dtypes are not compared.
    pub other_dtypes: usize,
    /// Why one run may have checks and dtypes that the other lacks.
    pub reasons: Vec<String>,
    /// Checks that changed in another way: to or from blocked or flaky, to a less serious verdict, or to another kind of deviation.
    pub other: Vec<Change>,
    /// Accuracies that changed.
    pub accuracy: Vec<AccuracyChange>,
    /// Functions whose calls became slower or faster than those of most others, the slower ones first.
    pub times: Vec<TimeChange>,
}

/// Compares two runs of a backend check by check, as far as both ran the same.
pub fn compare(old: &Results, new: &Results) -> Comparison {
    let (notes, reasons) = (notes(&old.header, &new.header), reasons(&old.header, &new.header));
    let mut comparison = Comparison { notes, reasons, ..Comparison::default() };
    let before: BTreeMap<&CheckId, &Check> = old.checks.iter().map(|check| (&check.id, check)).collect();
    let after: BTreeMap<&CheckId, &Check> = new.checks.iter().map(|check| (&check.id, check)).collect();
    for (id, check) in &after {
        match before.get(id) {
            Some(earlier) => comparison.join(earlier, check),
            None => comparison.appeared.push(Change { old: None, new: Some(check.verdict), ..change(check, &[]) }),
        }
    }
    for (id, check) in &before {
        if !after.contains_key(id) {
            comparison.vanished.push(Change { old: Some(check.verdict), new: None, ..change(check, &[]) });
        }
    }
    let (times, pace) = measures::of_times(old, new);
    comparison.times = times;
    comparison.notes.extend(pace.map(|pace| format!("pace: the calls of most functions take {pace:.1} times as long as in the old run")));
    comparison
}

/// The key of a cell within its check: dtype, device and revision.
type Key<'c> = (&'c str, &'c str, Option<Revision>);

fn key(cell: &Cell) -> Key<'_> {
    (&cell.dtype, &cell.device, cell.since)
}

/// The pairs of cells that both checks have, and whether one check has further cells. `None` if the checks have no cell in common; then only
/// the checks as a whole can be compared.
fn common<'c>(old: &'c Check, new: &'c Check) -> Option<(Vec<(&'c Cell, &'c Cell)>, bool)> {
    let mut before: BTreeMap<Key<'_>, VecDeque<&Cell>> = BTreeMap::new();
    for cell in &old.cells {
        before.entry(key(cell)).or_default().push_back(cell);
    }
    let mut pair = |cell: &'c Cell| Some((before.get_mut(&key(cell))?.pop_front()?, cell));
    let pairs: Vec<_> = new.cells.iter().filter_map(&mut pair).collect();
    let others = pairs.len() < old.cells.len() || pairs.len() < new.cells.len();
    (!pairs.is_empty()).then_some((pairs, others))
}

fn change(check: &Check, cells: &[&Cell]) -> Change {
    let deviating = |cell: &&Cell| cell.verdict.is_deviation();
    let first = cells.iter().copied().find(deviating).or_else(|| check.cells.iter().find(deviating));
    Change {
        id: check.id.clone(),
        level: check.level,
        old: None,
        new: None,
        cause: first.and_then(|cell| cell.cause),
        cells: cells.iter().map(|cell| place(cell)).collect(),
    }
}

fn place(cell: &Cell) -> String {
    if cell.device.is_empty() { cell.dtype.clone() } else { format!("{} on {}", cell.dtype, cell.device) }
}

impl Comparison {
    /// The numbers of checks that only one of the runs has, in words.
    fn rest(&self) -> Vec<String> {
        let deviating = |changes: &[Change], of: fn(&Change) -> Option<Verdict>| {
            changes.iter().filter(|c| of(c).is_some_and(Verdict::is_deviation)).count()
        };
        let part = |run: &str, changes: &[Change], of: fn(&Change) -> Option<Verdict>| {
            let deviating = deviating(changes, of);
            let of_them = if deviating > 0 { format!(" ({deviating} of them deviating)") } else { String::new() };
            (!changes.is_empty()).then(|| format!("{} only in the {run} run{of_them}", count(changes.len(), "check")))
        };
        let dtypes = (self.other_dtypes > 0).then(|| format!("dtypes of {} only in one run", count(self.other_dtypes, "check")));
        [part("old", &self.vanished, |c| c.old), part("new", &self.appeared, |c| c.new), dtypes].into_iter().flatten().collect()
    }

    /// Whether checks are absent from the new run for which the headers give no reason.
    pub fn lost(&self) -> bool {
        !self.vanished.is_empty() && self.reasons.is_empty()
    }

    /// Whether a check at level must or should broke, crashes now, or went missing, or checks are absent without a reason.
    pub fn regressions(&self) -> bool {
        if self.lost() && self.vanished.iter().any(Change::may_regress) {
            return true;
        }
        [&self.broken, &self.new_crashes, &self.newly_missing].into_iter().flatten().any(Change::may_regress)
    }

    /// The lists of what changed, the gravest first, each with its title.
    fn lists(&self) -> [(&'static str, &[Change]); 5] {
        [
            ("new crashes", &self.new_crashes),
            ("broken", &self.broken),
            ("newly missing", &self.newly_missing),
            ("fixed", &self.fixed),
            ("changed in another way", &self.other),
        ]
    }

    /// The lists of what was measured, each with its title and what a line of it stands for.
    fn measured(&self) -> [(&'static str, &'static str, Vec<String>); 4] {
        fn said<T: ToString>(changes: &[T], of: impl Fn(&T) -> bool) -> Vec<String> {
            changes.iter().filter(|change| of(change)).map(T::to_string).collect()
        }
        [
            ("less accurate", "cell", said(&self.accuracy, |change| change.new > change.old)),
            ("more accurate", "cell", said(&self.accuracy, |change| change.new < change.old)),
            ("slower", "function", said(&self.times, |change| change.new > change.old)),
            ("faster", "function", said(&self.times, |change| change.new < change.old)),
        ]
    }

    /// What was not compared and why. `None` if everything was.
    fn not_compared(&self) -> Option<String> {
        let rest = self.rest();
        let why = match self.reasons.is_empty() {
            true => "the headers of the files do not say why".to_owned(),
            false => self.reasons.join("; "),
        };
        (!rest.is_empty()).then(|| format!("{}: {why}", rest.join(", ")))
    }

    /// The outcome in a sentence. `None` if there are regressions, which speak for themselves.
    fn outcome(&self) -> Option<String> {
        let all = self.rest().is_empty();
        let both = if all { String::new() } else { format!(" among the {} that both runs have", count(self.compared, "check")) };
        let changed = self.lists().iter().any(|(_, changes)| !changes.is_empty());
        match (changed, self.regressions()) {
            (_, true) => None,
            (false, false) => Some(format!("nothing changed{both}")),
            (true, false) => Some(format!("no regressions{both}")),
        }
    }

    fn join(&mut self, old: &Check, new: &Check) {
        let (pairs, others) = common(old, new).unwrap_or_default();
        let limited = |check: &Check| check.cells.iter().any(|cell| !cell.dtype.is_empty());
        if pairs.is_empty() && limited(old) && limited(new) {
            // The runs judged different dtypes.
            self.other_dtypes += 1;
            return;
        }
        self.compared += 1;
        let id = &new.id;
        self.accuracy.extend(pairs.iter().flat_map(|(old, new)| measures::of_accuracy(id, old, new)));
        self.other_dtypes += usize::from(others);
        // Compare only the cells that both runs have.
        let over =
            |whole: Verdict, cells: &mut dyn Iterator<Item = Verdict>| if others { Cell::overall(cells).unwrap_or(whole) } else { whole };
        let was = over(old.verdict, &mut pairs.iter().map(|(old, _)| old.verdict));
        let is = over(new.verdict, &mut pairs.iter().map(|(_, new)| new.verdict));
        let verdicts = (Some(was), Some(is));
        let whole = || Change { old: verdicts.0, new: verdicts.1, ..change(new, &[]) };
        let died = |v: Verdict| matches!(v, Verdict::Crash | Verdict::Timeout);
        match (was, is) {
            (was, is) if died(is) && !died(was) => self.new_crashes.push(whole()),
            (was, Verdict::Missing) if was != Verdict::Missing => self.newly_missing.push(whole()),
            (was, is) if was.is_deviation() && is == Verdict::Pass => self.fixed.push(whole()),
            (was, is) if !was.is_deviation() && is.is_deviation() => self.broken.push(whole()),
            (was, is) => {
                let (broke, mended) = cells_changed(&pairs);
                let part = |cells: &[&Cell]| Change { old: verdicts.0, new: verdicts.1, ..change(new, cells) };
                let other_kinds: Vec<&Cell> = pairs.iter().filter(|(old, new)| deviates_otherwise(old, new)).map(|(_, new)| *new).collect();
                if was != is && broke.is_empty() && mended.is_empty() {
                    self.other.push(whole());
                } else if !other_kinds.is_empty() {
                    self.other.push(part(&other_kinds));
                }
                if !broke.is_empty() {
                    let to = if broke.iter().any(|cell| died(cell.verdict)) { &mut self.new_crashes } else { &mut self.broken };
                    to.push(part(&broke));
                }
                if !mended.is_empty() {
                    self.fixed.push(part(&mended));
                }
            }
        }
    }
}

/// The cells of the new run that began to deviate or to crash, and those that no longer deviate.
fn cells_changed<'c>(pairs: &[(&'c Cell, &'c Cell)]) -> (Vec<&'c Cell>, Vec<&'c Cell>) {
    let (mut broke, mut mended) = (Vec::new(), Vec::new());
    let died = |v: Verdict| matches!(v, Verdict::Crash | Verdict::Timeout);
    for (old, new) in pairs {
        if !old.verdict.is_deviation() && new.verdict.is_deviation() || !died(old.verdict) && died(new.verdict) {
            broke.push(*new);
        } else if old.verdict.is_deviation() && new.verdict == Verdict::Pass {
            mended.push(*new);
        }
    }
    (broke, mended)
}

/// Whether both cells deviate, but with different causes or without a common kind of deviation.
fn deviates_otherwise(old: &Cell, new: &Cell) -> bool {
    let kinds = |cell: &'_ Cell| -> Vec<(Cause, String)> {
        cell.kinds.iter().flat_map(|(cause, kinds)| kinds.keys().map(|kind| (*cause, kind.clone()))).collect()
    };
    let (before, after) = (kinds(old), kinds(new));
    old.verdict.is_deviation()
        && new.verdict.is_deviation()
        && (old.cause != new.cause || !before.is_empty() && !after.is_empty() && before.iter().all(|kind| !after.contains(kind)))
}

/// The reasons in the headers why one run may have checks and dtypes that the other lacks.
fn reasons(old: &Header, new: &Header) -> Vec<String> {
    let mut reasons = Vec::new();
    for option in ["select", "dtype", "shard", "gaps"] {
        let of = |header: &Header| header.options.get(option).cloned();
        let said = |run: &str, value: Option<String>| value.map(|value| format!("the {run} run has --{option} {}", one_line(&value, 80)));
        if of(old) != of(new) {
            let said: Vec<String> = [said("old", of(old)), said("new", of(new))].into_iter().flatten().collect();
            reasons.push(match option {
                "gaps" => "only one run tested the gaps of the standard".to_owned(),
                _ => said.join(" and "),
            });
        }
    }
    let lists = |revisions: &[Revision]| revisions.iter().map(|revision| revision.word()).collect::<Vec<_>>().join(", ");
    if old.revisions != new.revisions {
        reasons.push(format!("the old run tested revisions {}, the new run {}", lists(&old.revisions), lists(&new.revisions)));
    }
    if old.backend.dtypes != new.backend.dtypes {
        let only = |a: &Header, b: &Header| a.backend.dtypes.iter().filter(|d| !b.backend.dtypes.contains(d)).cloned().collect::<Vec<_>>();
        let said = |run: &str, dtypes: Vec<String>| {
            (!dtypes.is_empty()).then(|| format!("the library has {} only in the {run} run", dtypes.join(", ")))
        };
        reasons.extend([said("old", only(old, new)), said("new", only(new, old))].into_iter().flatten());
    }
    if old.tool.version != new.tool.version {
        reasons.push(format!(
            "the old run was made by version {} of Array Assay, the new run by version {}",
            one_line(&old.tool.version, 40),
            one_line(&new.tool.version, 40)
        ));
    }
    reasons
}

fn notes(old: &Header, new: &Header) -> Vec<String> {
    let seeds = (old.seed.to_string(), new.seed.to_string());
    let cases = (old.cases.to_string(), new.cases.to_string());
    let pairs = [
        ("backend", &old.backend.name, &new.backend.name),
        ("library", &old.backend.library, &new.backend.library),
        ("version", &old.backend.version, &new.backend.version),
        ("language", &old.backend.language, &new.backend.language),
        ("platform", &old.backend.platform, &new.backend.platform),
        ("tool", &old.tool.version, &new.tool.version),
        ("seed", &seeds.0, &seeds.1),
        ("cases", &cases.0, &cases.1),
    ];
    let changed = pairs.iter().filter(|(_, old, new)| old != new);
    let mut notes: Vec<String> =
        changed.map(|(what, old, new)| format!("{what}: {} -> {}", one_line(old, 80), one_line(new, 80))).collect();
    if old.seed != new.seed || old.cases != new.cases {
        notes.push("the runs drew different cases, so a rare deviation may seem fixed or broken".to_owned());
    }
    if old.options != new.options {
        notes.push(format!("options: {:?} -> {:?}", old.options, new.options));
    }
    notes
}
