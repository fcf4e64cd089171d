//! The deviations in results, in the terms that a baseline uses.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Cell, Check, Revision};

/// The name of a cell without a dtype, in lists of dtypes.
pub const NO_DTYPE: &str = "none";

/// The name of a cell in lists of dtypes.
pub(super) fn dtype_name(cell: &str) -> &str {
    if cell.is_empty() { NO_DTYPE } else { cell }
}

/// A deviation in a cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The cause.
    pub cause: Cause,
    /// The kind of deviation. `None` if the cause says everything, or the results do not name the kind.
    pub kind: Option<String>,
    /// The label of the cell.
    pub dtype: String,
}

impl Found {
    /// The deviations of a cell, by cause and kind.
    pub fn in_cell(cell: &Cell) -> Vec<Found> {
        let found = |cause: Cause, kind: Option<&String>| Found { cause, kind: kind.cloned(), dtype: cell.dtype.clone() };
        if !cell.deviates() {
            return Vec::new();
        }
        if cell.kinds.is_empty() {
            return vec![found(cell.cause.unwrap_or(Cause::Unsupported), None)];
        }
        let of_cause = |(cause, kinds): (&Cause, &BTreeMap<String, u64>)| match kinds.is_empty() {
            true => vec![found(*cause, None)],
            false => kinds.keys().map(|kind| found(*cause, Some(kind))).collect(),
        };
        cell.kinds.iter().flat_map(of_cause).collect()
    }

    /// The deviations of a check, in all revisions or only in the given one.
    pub fn in_check(check: &Check, revision: Option<Revision>) -> BTreeSet<Found> {
        if revision.is_some_and(|r| !check.applies_to(r)) {
            return BTreeSet::new();
        }
        let counts = |cell: &&Cell| revision.is_none_or(|r| cell.since.is_none_or(|since| since <= r));
        let mut found: BTreeSet<Found> = check.cells.iter().filter(counts).flat_map(Found::in_cell).collect();
        if check.cells.is_empty() && check.verdict.is_deviation() {
            found.insert(Found { cause: Cause::Unsupported, kind: None, dtype: String::new() });
        }
        found
    }

    /// Whether an entry with this cause, dtype and kind names the deviation. `None` means any.
    pub fn is_one_of(&self, cause: Option<Cause>, dtype: Option<&str>, kind: Option<&str>) -> bool {
        let by_kind = match (kind, self.kind.as_deref()) {
            (Some(named), Some(found)) => crate::judge::kind::includes(named, found),
            // Old results do not name the kind.
            _ => true,
        };
        cause.is_none_or(|cause| self.cause == cause) && dtype.is_none_or(|dtype| dtype == dtype_name(&self.dtype)) && by_kind
    }
}
