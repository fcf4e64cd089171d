//! Calls whose result the text leaves open. They may give anything or raise, and show whether the library survives them.

use array_assay_format::{FLOOR, Revision};
use array_assay_interface::{Array, DType, Element};
use array_assay_oracle::call::Given;
use array_assay_spec::{Function, Spec};

use super::call::Call;
use super::calls::CallStream;
use super::combination::Combination;
use super::corners::product;
use super::profile::BackendProfile;

/// The open calls of one function.
pub struct OpenStream<'a> {
    /// The function.
    pub function: &'a Function,
    /// The label of each cell, and the first revision in which it counts.
    pub cells: Vec<(String, Revision)>,
    /// The calls, each with the index of its cell.
    pub calls: Vec<(usize, Call<'a>)>,
}

/// The greatest number of calls on one combination of elements each, for each dtype. One more call has all combinations.
const SINGLE: usize = 24;

impl<'a> OpenStream<'a> {
    /// The open calls of a function under the run's seed. `None` if the backend has none of its dtypes.
    pub fn new(spec: &'a Spec, function: &'a Function, profile: &'a BackendProfile, seed: u64) -> Option<OpenStream<'a>> {
        let stream = match function.is_elementwise() {
            true => of_elements(spec, function, profile),
            false => of_arguments(function, &CallStream::new(spec, function, profile)?, seed),
        };
        (!stream.calls.is_empty()).then_some(stream)
    }
}

/// Calls of an element-wise function on arrays of one dtype: the combinations of corner values whose result is open.
fn of_elements<'a>(spec: &'a Spec, function: &'a Function, profile: &'a BackendProfile) -> OpenStream<'a> {
    let mut stream = OpenStream { function, cells: Vec::new(), calls: Vec::new() };
    let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else { return stream };
    let has = |dtype: &DType| !profile.unusable.contains_key(dtype) && function.operands.iter().all(|o| o.dtypes.contains(*dtype));
    for dtype in profile.dtypes.iter().copied().filter(has) {
        let Some(combination) = Combination::new(spec, function, vec![dtype; function.operands.len()]) else { continue };
        let columns = product(&combination.dtypes, false);
        let rows = (0..columns[0].len()).map(|i| columns.iter().map(|column| column[i]).collect());
        let is_open =
            |row: &Vec<Element>| function.leaves_open(dtype, row) || dtype.is_integer() && kernel.eval(dtype, row).value.is_none();
        let open: Vec<Vec<Element>> = rows.filter(is_open).collect();
        if open.is_empty() {
            continue;
        }
        let cell = stream.cells.len();
        stream.cells.push((combination.label, combination.since));
        // Evenly spread, so that all kinds of operands are among them.
        let kept = open.len().min(SINGLE);
        let single = (0..kept).map(|i| std::slice::from_ref(&open[i * open.len() / kept]));
        stream.calls.extend(single.chain([&open[..]]).map(|rows| (cell, on_rows(function, dtype, rows))));
    }
    stream
}

/// The call on vectors whose elements are these rows.
fn on_rows<'a>(function: &'a Function, dtype: DType, rows: &[Vec<Element>]) -> Call<'a> {
    let arguments: Vec<(&str, Given)> = function
        .operands
        .iter()
        .enumerate()
        .map(|(k, operand)| {
            let elements = rows.iter().map(|row| row[k]);
            (operand.name.as_str(), Given::Array(Array::from_elements(dtype, vec![rows.len()], elements)))
        })
        .collect();
    Call::positional(arguments)
}

/// Calls of any other function with one argument changed, as the spec says.
fn of_arguments<'a>(function: &'a Function, calls: &CallStream<'a>, seed: u64) -> OpenStream<'a> {
    let cells = calls.combinations.iter().map(|c| (c.label.clone(), c.since)).collect();
    let count = FLOOR * calls.combinations.len() as u64;
    let drawn = function
        .open
        .iter()
        .flat_map(|open| (0..count).filter_map(move |index| Some((calls.combination_of(index), calls.open(seed, open, index)?))));
    OpenStream { function, cells, calls: drawn.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_with_open_calls_has_some_on_each_dtype() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let slug = Some(array_assay_spec::checks::OPEN);
        let mut tried = 0;
        for function in spec.functions.iter().filter(|f| f.checks().iter().any(|check| check.id.slug.as_deref() == slug)) {
            let stream = OpenStream::new(spec, function, &profile, 3).unwrap_or_else(|| panic!("{} has open calls", function.name));
            let of_cell = |cell: usize| stream.calls.iter().filter(|(of, _)| *of == cell).count();
            assert!((0..stream.cells.len()).all(|cell| of_cell(cell) > 1), "{}", function.name);
            tried += 1;
        }
        assert!(tried > 10, "{tried} functions");
    }

    #[test]
    fn the_least_integer_is_divided_by_minus_one() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let divide = spec.function("elementwise", "floor_divide").expect("it is in the spec");
        let stream = OpenStream::new(spec, divide, &profile, 0).expect("integers may overflow");
        let overflows = |call: &Call<'_>| {
            let [x1, x2] = call.arrays()[..] else { return false };
            x1.elements().zip(x2.elements()).any(|(a, b)| a.same_bits(Element::Int(i64::MIN.into())) && b.same_bits(Element::Int(-1)))
        };
        let of_int64 = |cell: usize| stream.cells[cell].0 == "int64";
        assert!(stream.calls.iter().any(|(cell, call)| of_int64(*cell) && overflows(call)));
    }
}
