//! Reductions and scans that ignore NaN. They are the standard's functions, applied as if the NaN elements were not there.
//!
//! A complex number is NaN if one of its components is.

use std::cmp::Ordering;

use array_assay_interface::Element;

use crate::call::searching::{Integer, compare, integers, is_nan, sign};
use crate::call::shape::lines;
use crate::call::statistical::accumulator::Operation;
use crate::call::statistical::{Reduction, Variance, extreme, fold, greater, less, mean, scan, spread};
use crate::call::{Call, Expectation, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("nanargmax", |call| place(call, Ordering::Greater)),
    ("nanargmin", |call| place(call, Ordering::Less)),
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

/// The index of the first extremum of each line. A line of NaN alone is open, because some libraries raise. It is also open whether zeros
/// of different signs are ordered.
fn place(call: &Call<'_>, wanted: Ordering) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let axis = call.axis("axis", x.shape.len())?;
    if axis.map_or(x.len(), |axis| x.shape[axis]) == 0 {
        return Err(Undefined::Open);
    }
    let lines = axis.map_or_else(|| vec![(0..x.len()).collect()], |axis| lines(&x.shape, axis));
    let of_line = |line: &Vec<usize>| {
        let numbers: Vec<usize> = (0..line.len()).filter(|i| number(x.get(line[*i]))).collect();
        let element = |i: &usize| x.get(line[*i]);
        let best = numbers.iter().copied().reduce(|best, i| if compare(element(&i), element(&best)) == Some(wanted) { i } else { best });
        let best = best.ok_or(Undefined::Open)?;
        let first_of_other_sign = numbers
            .iter()
            .copied()
            .find(|i| compare(element(i), element(&best)) == Some(Ordering::Equal) && sign(element(i)) != sign(element(&best)));
        Ok(Integer::among([Some(best), first_of_other_sign].into_iter().flatten().map(|i| i as i128)))
    };
    let places = lines.iter().map(of_line).collect::<Result<Vec<_>, _>>()?;
    let shape = Reduction::of(call, x)?.shape;
    Ok(integers(call.result_dtype()?, shape, places))
}
