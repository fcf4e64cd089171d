//! The comparison of two runs: what was fixed, what broke.

use std::collections::BTreeMap;
use std::fmt;

use array_assay_format::{Cause, Cell, Check, CheckId, Header, Level, Results, Verdict};

use crate::text::{count, dtypes, one_line};

/// A check that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The check.
    pub id: CheckId,
    /// Its level, in the new run where it has the check.
    pub level: Level,
    /// Its verdict in the old run; `None` where that lacks the check.
    pub old: Option<Verdict>,
    /// Its verdict in the new run; `None` where that lacks the check.
    pub new: Option<Verdict>,
    /// The cause of the first cell that deviates: of those that began to, else of any.
    pub cause: Option<Cause>,
    /// The dtypes (with devices) whose cells changed; empty where they changed with the check as a whole.
    pub cells: Vec<String>,
}

/// What changed between two runs, each list sorted by check id. A check whose cells deviate in other dtypes than before
/// stands in `broken` or `fixed` (or both) with those dtypes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Differences of the two runs themselves that may explain others: library version, seed, cases.
    pub notes: Vec<String>,
    /// Deviated, and no longer does.
    pub fixed: Vec<Change>,
    /// Did not deviate, or not in these dtypes, and now does.
    pub broken: Vec<Change>,
    /// Now kills its process or hangs.
    pub new_crashes: Vec<Change>,
    /// The function was there, and no longer is.
    pub newly_missing: Vec<Change>,
    /// Only the new run has the check.
    pub appeared: Vec<Change>,
    /// Only the old run has the check.
    pub vanished: Vec<Change>,
    /// Changed otherwise: to or from blocked and flaky, or from one deviation to a lesser one.
    pub other: Vec<Change>,
}

/// Compares two runs of a backend, check by check.
pub fn compare(old: &Results, new: &Results) -> Comparison {
    let mut comparison = Comparison { notes: notes(&old.header, &new.header), ..Comparison::default() };
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
    comparison
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
    /// Whether something got worse at level must or should: broke, crashes, or went missing.
    pub fn regressions(&self) -> bool {
        [&self.broken, &self.new_crashes, &self.newly_missing].into_iter().flatten().any(|change| change.level <= Level::Should)
    }

    fn join(&mut self, old: &Check, new: &Check) {
        let verdicts = (Some(old.verdict), Some(new.verdict));
        let whole = || Change { old: verdicts.0, new: verdicts.1, ..change(new, &[]) };
        let died = |v: Verdict| matches!(v, Verdict::Crash | Verdict::Timeout);
        match (old.verdict, new.verdict) {
            (was, is) if died(is) && !died(was) => self.new_crashes.push(whole()),
            (was, Verdict::Missing) if was != Verdict::Missing => self.newly_missing.push(whole()),
            (was, is) if was.is_deviation() && is == Verdict::Pass => self.fixed.push(whole()),
            (was, is) if !was.is_deviation() && is.is_deviation() => self.broken.push(whole()),
            (was, is) => {
                let (broke, mended) = cells_changed(old, new);
                let part = |cells: &[&Cell]| Change { old: verdicts.0, new: verdicts.1, ..change(new, cells) };
                if was != is && broke.is_empty() && mended.is_empty() {
                    self.other.push(whole());
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

/// The cells of `new` that began to deviate, or to die, and those that ceased to deviate. Cells that one run lacks count
/// as unchanged: their generation changed and not the library.
fn cells_changed<'c>(old: &Check, new: &'c Check) -> (Vec<&'c Cell>, Vec<&'c Cell>) {
    let before: BTreeMap<(&str, &str), Verdict> =
        old.cells.iter().map(|cell| ((cell.dtype.as_str(), cell.device.as_str()), cell.verdict)).collect();
    let (mut broke, mut mended) = (Vec::new(), Vec::new());
    for cell in &new.cells {
        let Some(was) = before.get(&(cell.dtype.as_str(), cell.device.as_str())) else { continue };
        let died = |v: Verdict| matches!(v, Verdict::Crash | Verdict::Timeout);
        if !was.is_deviation() && cell.verdict.is_deviation() || !died(*was) && died(cell.verdict) {
            broke.push(cell);
        } else if was.is_deviation() && cell.verdict == Verdict::Pass {
            mended.push(cell);
        }
    }
    (broke, mended)
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
    if old.options != new.options {
        notes.push(format!("options: {:?} -> {:?}", old.options, new.options));
    }
    notes
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.id, self.level)?;
        match (self.old, self.new) {
            (Some(old), Some(new)) if old != new => write!(f, "  {old} -> {new}")?,
            (old, new) => {
                if let Some(verdict) = new.or(old) {
                    write!(f, "  {verdict}")?;
                }
            }
        }
        if let Some(cause) = self.cause {
            write!(f, "  {cause}")?;
        }
        if self.cells.iter().any(|cell| !cell.is_empty()) {
            write!(f, "  {}", dtypes(self.cells.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Beyond this many, a list says only how many more there are.
        const SHOWN: usize = 100;
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        let lists = [
            ("new crashes", &self.new_crashes),
            ("broken", &self.broken),
            ("newly missing", &self.newly_missing),
            ("fixed", &self.fixed),
            ("changed otherwise", &self.other),
            ("appeared", &self.appeared),
            ("vanished", &self.vanished),
        ];
        for (title, changes) in lists {
            // New checks that pass are no news.
            let news: Vec<&Change> = changes.iter().filter(|c| c.old.is_some() || c.new != Some(Verdict::Pass)).collect();
            if changes.is_empty() {
                continue;
            }
            write!(f, "\n{title}: {}", count(changes.len(), "check"))?;
            match changes.len() - news.len() {
                0 => writeln!(f)?,
                passing => writeln!(f, ", {passing} of them passing")?,
            }
            for change in news.iter().take(SHOWN) {
                writeln!(f, "  {change}")?;
            }
            if news.len() > SHOWN {
                writeln!(f, "  … and {} more", news.len() - SHOWN)?;
            }
        }
        if lists.iter().all(|(_, changes)| changes.is_empty()) {
            writeln!(f, "nothing changed")?;
        } else if !self.regressions() {
            writeln!(f, "\nno regressions")?;
        }
        Ok(())
    }
}
