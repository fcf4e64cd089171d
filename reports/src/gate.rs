//! Which checks count, at which revision and level.

use array_assay_format::{Cell, Check, CheckId, Header, Level, Results, Revision, Verdict};

/// What a reader of results counts as a deviation: at one revision, at one level and all more binding ones, and apart
/// from those that are known.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The revision that judges.
    pub revision: Revision,
    /// The least binding level that counts.
    pub level: Level,
    /// Whether a check's deviation is known (its baseline names it).
    pub expected: &'a dyn Fn(&CheckId) -> bool,
    /// Whether what deviates in a cell is known, where the check's other deviations may not be.
    pub expected_cell: &'a dyn Fn(&Check, &Cell) -> bool,
}

impl<'a> Gate<'a> {
    /// The default gate: [`gated_revision`] at level must.
    pub fn of(results: &Results, expected: &'a dyn Fn(&CheckId) -> bool) -> Gate<'a> {
        Gate { revision: gated_revision(&results.header), level: Level::Must, expected, expected_cell: &|_, _| false }
    }

    /// Of cells of a check that deviate those that are new; all of them where none is.
    pub fn unexpected<'c>(&self, check: &Check, mut cells: Vec<&'c Cell>) -> Vec<&'c Cell> {
        if cells.iter().any(|cell| !(self.expected_cell)(check, cell)) {
            cells.retain(|cell| !(self.expected_cell)(check, cell));
        }
        cells
    }

    /// Whether the check counts: by its level, and gaps never.
    pub fn counts(&self, check: &Check) -> bool {
        check.gate_level() <= self.level && !check.is_gap()
    }
}

/// The revision that a run is judged by unless someone names another: the newest published one that the backend claims
/// and whose checks ran, else the newest published one whose checks ran.
pub fn gated_revision(header: &Header) -> Revision {
    let ran = |r: &Revision| header.revisions.contains(r);
    let claimed = |r: &Revision| header.backend.claims.iter().any(|claim| claim == r.word());
    let newest = |keep: &dyn Fn(&Revision) -> bool| Revision::published().iter().copied().filter(keep).max();
    newest(&|r| ran(r) && claimed(r)).or_else(|| newest(&ran)).or(header.revisions.iter().copied().max()).unwrap_or(Revision::NEWEST)
}

/// The verdict by which a check deviates at a revision.
pub(crate) fn deviation(check: &Check, revision: Revision) -> Option<Verdict> {
    check.deviation_in(revision)
}

/// Checks by verdict at a revision.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally([u64; Verdict::ALL.len()]);

impl Tally {
    /// Counts the checks that the revision has.
    pub fn of<'c>(checks: impl IntoIterator<Item = &'c Check>, revision: Revision) -> Tally {
        let mut tally = Tally::default();
        for verdict in checks.into_iter().filter_map(|check| check.verdict_in(revision)) {
            tally.0[verdict as usize] += 1;
        }
        tally
    }

    /// Those with the verdict.
    pub fn get(&self, verdict: Verdict) -> u64 {
        self.0[verdict as usize]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The verdict that stands for a function's checks: the gravest deviation; else flaky or blocked where one is, so that
    /// nothing passes that was not judged; else pass where one passed.
    pub fn overall(&self) -> Option<Verdict> {
        let gravest = Cell::overall(Verdict::ALL.iter().copied().filter(|v| self.get(*v) > 0))?;
        Some(if gravest == Verdict::Pass && self.get(Verdict::Blocked) > 0 { Verdict::Blocked } else { gravest })
    }
}
