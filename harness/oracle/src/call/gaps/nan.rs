//! Reductions and scans that leave out NaN: those of the standard, as if the elements that are NaN were not there.
//!
//! A complex number is NaN if a component is.

use array_assay_interface::Element;

use crate::call::Table;
use crate::call::searching::is_nan;
use crate::call::statistical::accumulator::Operation;
use crate::call::statistical::{Variance, extreme, fold, greater, less, mean, scan, spread};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("nancumprod", |call| scan(call, Operation::Product, number)),
    ("nancumsum", |call| scan(call, Operation::Sum, number)),
    ("nanmax", |call| extreme(call, greater, number)),
    ("nanmean", |call| mean(call, number)),
    ("nanmin", |call| extreme(call, less, number)),
    ("nanprod", |call| fold(call, Operation::Product, number)),
    ("nanstd", |call| spread(call, Variance::root, number)),
    ("nansum", |call| fold(call, Operation::Sum, number)),
    ("nanvar", |call| spread(call, Variance::itself, number)),
];

fn number(element: Element) -> bool {
    !is_nan(element)
}
