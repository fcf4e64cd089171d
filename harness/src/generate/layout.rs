//! Layouts: the same elements in another order in memory. A step of the program makes the layout with a function of the library.

use std::collections::BTreeMap;
use std::fmt;

use array_assay_interface::{Arg, Array, REPRESENTATION, Role, Scalar, Slice, Step};
use array_assay_oracle::call::{advance, flat};

/// How the elements of an operand lie in memory when the function under test is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// As the worker made the array.
    Contiguous,
    /// Axes in another order.
    Transposed(Transpose),
    /// Every axis backwards.
    Reversed(Reverse),
    /// Every other element of the last axis, by a slice of step 2.
    Strided,
    /// An axis repeated, by `broadcast_to`.
    Broadcast(RepeatedAxis),
    /// A form of an array that the library's users have, by the path of the step that makes it.
    Representation(&'static str),
}

/// A way to reorder axes. A library that lacks one may have another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transpose {
    /// `permute_dims`: all axes in reverse.
    PermuteDims,
    /// The attribute `mT`: the last two axes are exchanged.
    Matrix,
    /// The attribute `T`. The standard defines it for two axes; some libraries reverse all axes if there are more.
    Attribute,
    /// A function of the library's own, by its path. It takes the array and a tuple of axes: all of them in reverse.
    Own(&'static str),
}

/// A way to reverse the elements along axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reverse {
    /// Slices of step -1.
    Slices,
    /// `flip`.
    Flip,
    /// A function of the library's own, by its path. It takes the array and a tuple of axes.
    Own(&'static str),
}

/// The axis that is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RepeatedAxis {
    /// The first one.
    First,
    /// The last one of several.
    Last,
}

/// The layouts that a step has to make, each in the standard's own way.
pub const LAYOUTS: [Layout; 5] = [
    Layout::Transposed(Transpose::PermuteDims),
    Layout::Reversed(Reverse::Slices),
    Layout::Strided,
    Layout::Broadcast(RepeatedAxis::First),
    Layout::Broadcast(RepeatedAxis::Last),
];

/// The ways to make each layout. The first way that works is taken. `own` has the paths of functions that the library declares, by the name
/// of the layout. `representations` has the expressions of the other forms of an array that the library declares, by name. A declared form is
/// a layout with one way.
pub fn ways(own: &BTreeMap<String, String>, representations: &BTreeMap<String, String>) -> Vec<Vec<Layout>> {
    // `Layout` is `Copy`, so the few paths of a run are leaked.
    let declared = |name: &str| own.get(name).map(|path| &*path.clone().leak());
    let transposed = [Transpose::PermuteDims].into_iter().chain(declared("transposed").map(Transpose::Own));
    let transposed = transposed.chain([Transpose::Matrix, Transpose::Attribute]).map(Layout::Transposed).collect();
    let reversed = [Reverse::Slices].into_iter().chain(declared("reversed").map(Reverse::Own)).chain([Reverse::Flip]);
    let others =
        [Layout::Strided, Layout::Broadcast(RepeatedAxis::First), Layout::Broadcast(RepeatedAxis::Last)].map(|layout| vec![layout]);
    let standard = [transposed, reversed.map(Layout::Reversed).collect()].into_iter().chain(others);
    let path = |name: &String| Layout::Representation(&*format!("{REPRESENTATION}{name}").leak());
    standard.chain(representations.keys().map(|name| vec![path(name)])).collect()
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::Contiguous => "contiguous",
            Layout::Transposed(_) => "transposed",
            Layout::Reversed(_) => "reversed",
            Layout::Strided => "strided",
            Layout::Broadcast(RepeatedAxis::First) => "broadcast",
            Layout::Broadcast(RepeatedAxis::Last) => "inner-broadcast",
            Layout::Representation(path) => path.strip_prefix(REPRESENTATION).unwrap_or(path),
        })
    }
}

impl Layout {
    /// Whether an array of this shape can have the layout, and is then not contiguous.
    pub fn fits(self, shape: &[usize]) -> bool {
        match self {
            Layout::Contiguous | Layout::Representation(_) => true,
            Layout::Transposed(_) | Layout::Broadcast(RepeatedAxis::Last) => shape.len() >= 2,
            Layout::Reversed(_) | Layout::Strided | Layout::Broadcast(RepeatedAxis::First) => !shape.is_empty(),
        }
    }

    /// Whether elements are repeated.
    pub fn repeats(self) -> bool {
        matches!(self, Layout::Broadcast(_))
    }

    /// The flat index of the element that lies in memory for the one at `index`: the same, or that of the element that is repeated there.
    pub fn stored(self, shape: &[usize], index: usize) -> usize {
        let length = |axis: Option<&usize>| axis.copied().unwrap_or(1).max(1);
        match self {
            Layout::Broadcast(RepeatedAxis::First) => index % (shape.iter().product::<usize>() / length(shape.first())).max(1),
            Layout::Broadcast(RepeatedAxis::Last) => index - index % length(shape.last()),
            _ => index,
        }
    }

    /// The array with the elements that it has in this layout.
    pub fn repeated(self, array: &Array) -> Array {
        let elements = (0..array.len()).map(|i| array.get(self.stored(&array.shape, i)));
        Array::from_elements(array.dtype, array.shape.clone(), elements)
    }

    /// The array to create so that [`Layout::step`] gives `logical`.
    pub fn physical(self, logical: &Array) -> Array {
        let Array { dtype, shape, data } = logical;
        let size = dtype.size();
        let gather = |shape: Vec<usize>, source: &dyn Fn(&[usize]) -> usize| {
            let total: usize = shape.iter().product();
            let mut out = Vec::with_capacity(total * size);
            let mut index = vec![0; shape.len()];
            for _ in 0..total {
                let at = source(&index) * size;
                out.extend_from_slice(&data[at..at + size]);
                advance(&mut index, &shape);
            }
            Array { dtype: *dtype, shape, data: out }
        };
        match self {
            Layout::Contiguous | Layout::Representation(_) => logical.clone(),
            Layout::Transposed(Transpose::Matrix) => {
                let mut exchanged = shape.clone();
                exchange(&mut exchanged);
                gather(exchanged, &|index| {
                    let mut index = index.to_vec();
                    exchange(&mut index);
                    flat(shape, index.into_iter())
                })
            }
            Layout::Transposed(_) => {
                let reversed: Vec<usize> = shape.iter().rev().copied().collect();
                gather(reversed, &|index| flat(shape, index.iter().rev().copied()))
            }
            Layout::Reversed(_) => gather(shape.clone(), &|index| flat(shape, index.iter().zip(shape).map(|(i, n)| n - 1 - i))),
            Layout::Strided => {
                let (last, rest) = shape.split_last().expect("`fits` asks for rank 1 or more");
                let n = *last;
                let wide: Vec<usize> = rest.iter().copied().chain([2 * n]).collect();
                // Between the elements lie their neighbours, so that a wrong stride gives wrong elements.
                gather(wide, &|index| {
                    let (k, rest) = index.split_last().expect("as above");
                    flat(shape, rest.iter().copied().chain([(k / 2 + k % 2) % n]))
                })
            }
            Layout::Broadcast(repeated) => {
                let mut one = shape.clone();
                let axis = if repeated == RepeatedAxis::First { 0 } else { shape.len() - 1 };
                one[axis] = 1;
                if shape[axis] == 0 {
                    // The axis has length zero, so no element is read.
                    let total: usize = one.iter().product();
                    return Array { dtype: *dtype, data: vec![0; total * size], shape: one };
                }
                gather(one, &|index| flat(shape, index.iter().copied()))
            }
        }
    }

    /// The step that makes the layout of the array in `register`. `shape` is the shape that the array has then. `None` if no step is
    /// needed.
    pub fn step(self, register: u32, shape: &[usize]) -> Option<Step> {
        let int = |v: usize| Arg::Scalar(Scalar::Int(v as i128));
        let slice = |step| Arg::Slice(Slice { start: None, stop: None, step });
        let backwards = || Arg::Tuple((0..shape.len()).rev().map(int).collect());
        let (function, second) = match self {
            Layout::Contiguous => return None,
            Layout::Representation(path) => (path, None),
            Layout::Transposed(Transpose::PermuteDims) => ("permute_dims", Some(backwards())),
            Layout::Transposed(Transpose::Own(path)) => (path, Some(backwards())),
            Layout::Transposed(Transpose::Matrix) => ("attribute.mT", None),
            Layout::Transposed(Transpose::Attribute) => ("attribute.T", None),
            Layout::Reversed(Reverse::Slices) => ("operator.getitem", Some(Arg::Tuple(shape.iter().map(|_| slice(Some(-1))).collect()))),
            Layout::Reversed(Reverse::Flip) => ("flip", None),
            Layout::Reversed(Reverse::Own(path)) => (path, Some(Arg::Tuple((0..shape.len()).map(int).collect()))),
            Layout::Strided => {
                let last = shape.len() - 1;
                ("operator.getitem", Some(Arg::Tuple((0..shape.len()).map(|i| slice((i == last).then_some(2))).collect())))
            }
            Layout::Broadcast(_) => ("broadcast_to", Some(Arg::Tuple(shape.iter().copied().map(int).collect()))),
        };
        let args = std::iter::once(Arg::Register(register)).chain(second).collect();
        Some(Step { function: function.to_owned(), args, kwargs: Vec::new(), role: Role::Prepare })
    }
}

/// Exchanges the last two axes. There must be at least two.
fn exchange(of_axes: &mut [usize]) {
    let last = of_axes.len() - 1;
    of_axes.swap(last - 1, last);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use array_assay_interface::{DType, Element, Outcome, Program, Value, run_program};

    #[test]
    fn every_way_to_a_layout_gives_the_array() {
        let mut reference = Reference::default();
        // The reference's own functions that take an array and a tuple of axes.
        let own = BTreeMap::from([("transposed".to_owned(), "permute_dims".to_owned())]);
        let mut tried = Vec::new();
        for layout in ways(&own, &BTreeMap::new()).into_iter().flatten() {
            for shape in [vec![4], vec![2, 3], vec![3, 0], vec![2, 3, 4]].into_iter().filter(|shape| layout.fits(shape)) {
                // The standard defines `T` only for matrices.
                if layout == Layout::Transposed(Transpose::Attribute) && shape.len() > 2 {
                    continue;
                }
                let count: usize = shape.iter().product();
                let elements = (0..count).map(|i| Element::Int(i as i128));
                let array = layout.repeated(&Array::from_elements(DType::Int16, shape, elements));
                let steps = layout.step(0, &array.shape).into_iter().collect();
                let program = Program { inputs: vec![layout.physical(&array)], steps, returns: vec![1] };
                let outcome = run_program(&mut reference, &program);
                assert_eq!(outcome, Outcome::Values(vec![Value::Array(array.clone())]), "{layout:?} of {array}");
            }
            tried.push(layout);
        }
        assert_eq!(tried.len(), 9, "{tried:?}");
    }

    #[test]
    fn a_form_that_the_library_declares_is_one_step_on_the_array_itself() {
        let declared = BTreeMap::from([("chunked".to_owned(), "x.rechunk(2)".to_owned())]);
        let ways = ways(&BTreeMap::new(), &declared);
        let Some([form @ Layout::Representation(_)]) = ways.last().map(Vec::as_slice) else { panic!("it comes last: {ways:?}") };
        let array = Array::from_elements(DType::Int8, vec![], [Element::Int(3)]);
        assert!(form.fits(&array.shape) && form.physical(&array) == array && form.to_string() == "chunked");
        let step = form.step(4, &array.shape).expect("it is made by a step");
        assert_eq!((step.function.as_str(), step.args, step.role), ("representation.chunked", vec![Arg::Register(4)], Role::Prepare));
    }

    #[test]
    fn the_standards_own_way_comes_first_and_a_declared_one_before_the_makeshift() {
        let own = BTreeMap::from([("reversed".to_owned(), "turn".to_owned())]);
        let [transposed, reversed, ..] = &ways(&own, &BTreeMap::new())[..] else { panic!("two layouts have several ways") };
        assert_eq!(transposed[0], LAYOUTS[0]);
        assert_eq!(*reversed, [Reverse::Slices, Reverse::Own("turn"), Reverse::Flip].map(Layout::Reversed));
    }
}
