//! Decides which checks count, at which revision and level.

use array_assay_format::{Cell, Check, CheckId, Header, Level, Results, Revision, Verdict};

/// Says which deviations count: those at one revision, at a level or a more binding one, that are not known.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The revision whose checks count.
    pub revision: Revision,
    /// The least binding level that counts.
    pub level: Level,
    /// Whether all deviations of a check are known, because the baseline names them.
    pub expected: &'a dyn Fn(&CheckId) -> bool,
    /// Whether the deviation of one cell of a check is known.
    pub expected_cell: &'a dyn Fn(&Check, &Cell) -> bool,
}

impl<'a> Gate<'a> {
    /// The default gate: [`gated_revision`] at level must.
    pub fn of(results: &Results, expected: &'a dyn Fn(&CheckId) -> bool) -> Gate<'a> {
        Gate { revision: gated_revision(&results.header), level: Level::Must, expected, expected_cell: &|_, _| false }
    }

    /// The deviating cells of a check that are not known, or all of `cells` if all are known.
    pub fn unexpected<'c>(&self, check: &Check, mut cells: Vec<&'c Cell>) -> Vec<&'c Cell> {
        if cells.iter().any(|cell| !(self.expected_cell)(check, cell)) {
            cells.retain(|cell| !(self.expected_cell)(check, cell));
        }
        cells
    }

    /// Whether the check counts. Its level decides, and checks of gaps never count. A run has checks of consumers only if they are asked for.
    pub fn counts(&self, check: &Check) -> bool {
        check.gate_level() <= self.level && !check.is_gap()
    }
}

/// The default revision for the gate: the newest published one that the backend claims and whose checks ran, or else the newest published one
/// whose checks ran.
pub fn gated_revision(header: &Header) -> Revision {
    let ran = |r: &Revision| header.revisions.contains(r);
    let claimed = |r: &Revision| header.backend.claims.iter().any(|claim| claim == r.word());
    let newest = |keep: &dyn Fn(&Revision) -> bool| Revision::published().iter().copied().filter(keep).max();
    newest(&|r| ran(r) && claimed(r)).or_else(|| newest(&ran)).or(header.revisions.iter().copied().max()).unwrap_or(Revision::NEWEST)
}

/// The verdict with which a check deviates at a revision. `None` if it does not deviate.
pub(crate) fn deviation(check: &Check, revision: Revision) -> Option<Verdict> {
    check.deviation_in(revision)
}

/// The number of checks with each verdict at a revision.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally([u64; Verdict::ALL.len()]);

impl Tally {
    /// Counts those of the checks that the revision has.
    pub fn of<'c>(checks: impl IntoIterator<Item = &'c Check>, revision: Revision) -> Tally {
        let mut tally = Tally::default();
        for verdict in checks.into_iter().filter_map(|check| check.verdict_in(revision)) {
            tally.0[verdict as usize] += 1;
        }
        tally
    }

    /// The number of checks with the verdict.
    pub fn get(&self, verdict: Verdict) -> u64 {
        self.0[verdict as usize]
    }

    /// The number of all checks.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
