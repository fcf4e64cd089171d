//! Functions that the standard lacks: those of sets. The order of a result is open, and so is the sign of a zero in it. Arrays with NaN are
//! open, because each NaN may count as an element of its own.

use array_assay_interface::{Array, Element};

use super::operands::array;
use crate::call::searching::is_nan;
use crate::call::{Call, Condition, Elements, Expectation, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("intersect1d", |call| combined(call, |in1, in2| in1 && in2)),
    ("nunique", nunique),
    ("setdiff1d", |call| combined(call, |in1, in2| in1 && !in2)),
    ("setxor1d", |call| combined(call, |in1, in2| in1 != in2)),
    ("union1d", |call| combined(call, |in1, in2| in1 || in2)),
];

fn equal(a: Element, b: Element) -> bool {
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => a == b,
        _ => a.components() == b.components(),
    }
}

/// The distinct elements of an array.
fn unique(x: &Array) -> Result<Vec<Element>, Undefined> {
    let mut out: Vec<Element> = Vec::new();
    for element in x.elements() {
        if is_nan(element) {
            return Err(Undefined::Open);
        }
        if !contains(&out, element) {
            out.push(element);
        }
    }
    Ok(out)
}

fn contains(set: &[Element], element: Element) -> bool {
    set.iter().any(|e| equal(*e, element))
}

/// The elements of both arrays for which `belongs(in the first, in the second)` is true.
fn combined(call: &Call<'_>, belongs: fn(bool, bool) -> bool) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let (first, second) = (unique(x1)?, unique(x2)?);
    let only_second = second.iter().filter(|e| !contains(&first, **e));
    let all = first.iter().chain(only_second).copied();
    let set: Vec<Element> = all.filter(|e| belongs(contains(&first, *e), contains(&second, *e))).collect();
    let wanted = set.clone();
    let condition = Condition::new(move |got: &Array| {
        let mut missing = wanted.clone();
        for element in got.elements() {
            match missing.iter().position(|m| equal(*m, element)) {
                Some(found) => drop(missing.swap_remove(found)),
                None => return Err(format!("{element} no more often than it belongs to the result")),
            }
        }
        missing.first().map_or(Ok(()), |m| Err(format!("{m} among the elements")))
    });
    Ok(array(x1.dtype, vec![set.len()], Elements::Such(set, condition)))
}

/// The number of distinct elements.
fn nunique(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let count = unique(call.array("x")?)?.len();
    Ok(Expectation::exact(call.result_dtype()?, vec![], vec![Element::Int(count as i128)]))
}
