//! Combinations of dtypes that meet in a call.

use array_assay_format::Revision;
use array_assay_interface::DType;
use array_assay_spec::{Function, Spec};

/// Dtypes of operands that may meet in a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// The dtype of each operand.
    pub dtypes: Vec<DType>,
    /// The dtype to which they promote.
    pub common: DType,
    /// The label of the cell: the dtype, or the dtypes of the operands, joined by `+` in the standard's order.
    pub label: String,
    /// The first revision that has all of them in the function's domain.
    pub since: Revision,
}

/// A cell: its label, the first revision in which it counts, and a combination of dtypes from which its cases are drawn.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct CallCell {
    pub label: String,
    pub since: Revision,
    pub combination: usize,
}

impl Combination {
    /// Its cell. `combination` is its index.
    pub fn cell(&self, combination: usize) -> CallCell {
        CallCell { label: self.label.clone(), since: self.since, combination }
    }

    /// The combination of these dtypes, if they promote.
    pub fn new(spec: &Spec, function: &Function, dtypes: Vec<DType>) -> Option<Combination> {
        let common = dtypes.iter().copied().try_fold(*dtypes.first()?, |c, d| spec.dtypes.promote(c, d))?;
        let label = label(&dtypes);
        let since = function.dtypes_since(&spec.dtypes, dtypes.iter().copied());
        Some(Combination { dtypes, common, label, since })
    }
}

/// The label of a cell: each dtype once, in the standard's order, joined by `+`.
pub fn label(dtypes: &[DType]) -> String {
    let mut names = dtypes.to_vec();
    names.sort_unstable();
    names.dedup();
    names.iter().map(|d| d.name()).collect::<Vec<_>>().join("+")
}
