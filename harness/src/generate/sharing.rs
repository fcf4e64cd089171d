//! How the arrays of a call lie to each other in memory.

use array_assay_interface::{Arg, Array, Role, Slice, Step};

use super::layout::Layout;
use super::values::Random;

/// How arrays of a call lie to each other in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Each array has memory of its own.
    #[default]
    Apart,
    /// Arrays with the same elements and the same layout are one object.
    OneObject,
    /// Two contiguous arrays are views of one array. The second view begins one row after the first. If a row that both have is not the same in
    /// both, each array has memory of its own.
    Overlapping,
}

/// Where a program takes an array of the call from.
pub(super) enum Origin {
    /// From memory of its own.
    Own,
    /// It is the object that the array with this index is.
    SameAs(usize),
    /// It is the first rows of this array, which has one more.
    Head(Array),
    /// It is the rows of the array of [`Origin::Head`] from the second on.
    Next,
}

impl Sharing {
    /// Draws how arrays lie to each other. The weights are those of [`Sharing::Apart`], [`Sharing::OneObject`] and [`Sharing::Overlapping`].
    pub(super) fn draw(random: &mut Random, weights: [usize; 3]) -> Sharing {
        [Sharing::Apart, Sharing::OneObject, Sharing::Overlapping][random.pick("sharing", &weights)]
    }

    /// Where the program takes each array from. `arrays` holds the arrays to create, their layouts, and the shapes that they have then.
    pub(super) fn origins(self, arrays: &[(Array, Layout, Vec<usize>)]) -> Vec<Origin> {
        let objects = self.objects(arrays).into_iter().enumerate();
        let mut origins: Vec<Origin> = objects.map(|(i, first)| if first < i { Origin::SameAs(first) } else { Origin::Own }).collect();
        if let Some((first, second, whole)) = overlap(arrays).filter(|_| self == Sharing::Overlapping) {
            origins[first] = Origin::Head(whole);
            origins[second] = Origin::Next;
        }
        origins
    }

    /// For each array, the index of the first array that is the same object. That is its own index if none before it is.
    pub(super) fn objects<T: PartialEq>(self, arrays: &[T]) -> Vec<usize> {
        let same = |i: usize| arrays[..i].iter().position(|earlier| self == Sharing::OneObject && *earlier == arrays[i]);
        (0..arrays.len()).map(|i| same(i).unwrap_or(i)).collect()
    }
}

/// The array `last` with the elements that it needs to overlap with `first`: its rows but the last are those of `first` from the second row on.
/// Both have the same dtype and shape, and so many rows.
pub(super) fn overlapping(first: &Array, last: &Array, rows: usize) -> Array {
    let row = first.data.len() / rows;
    Array { dtype: last.dtype, shape: last.shape.clone(), data: [&first.data[row..], &last.data[last.data.len() - row..]].concat() }
}

/// The first two arrays that can be views of one array, by index, and that array. `None` if no two can.
fn overlap(arrays: &[(Array, Layout, Vec<usize>)]) -> Option<(usize, usize, Array)> {
    let mut pairs = (0..arrays.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.find_map(|(first, second)| {
        // If several cases are stacked, the array to create has another shape than that of one case.
        let is_plain = |i: usize| arrays[i].1 == Layout::Contiguous && arrays[i].0.shape == arrays[i].2;
        let (a, b) = (&arrays[first].0, &arrays[second].0);
        let rows = *a.shape.first().filter(|rows| **rows > 1)?;
        let row = a.data.len() / rows;
        let is_alike = is_plain(first) && is_plain(second) && (a.dtype, &a.shape) == (b.dtype, &b.shape) && row > 0;
        if !is_alike || a.data[row..] != b.data[..b.data.len() - row] {
            return None;
        }
        let data = [&a.data[..], &b.data[b.data.len() - row..]].concat();
        let shape = std::iter::once(rows + 1).chain(a.shape[1..].iter().copied()).collect();
        Some((first, second, Array { dtype: a.dtype, shape, data }))
    })
}

/// The step that takes rows of the array in `register`, from the row `first` on: as many as `shape` has.
pub(super) fn rows(register: u32, first: usize, shape: &[usize]) -> Step {
    let end = |row: usize| Some(row as i64);
    let of_axis = |axis: usize| match axis {
        0 => Slice { start: end(first), stop: end(first + shape[0]), step: None },
        _ => Slice { start: None, stop: None, step: None },
    };
    let key = Arg::Tuple((0..shape.len()).map(|axis| Arg::Slice(of_axis(axis))).collect());
    Step { function: "operator.getitem".to_owned(), args: vec![Arg::Register(register), key], kwargs: Vec::new(), role: Role::Prepare }
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{DType, Element, Outcome, Value, run_program};
    use array_assay_oracle::call::Given;
    use array_assay_spec::{Function, Spec};

    use super::*;
    use crate::generate::{BackendProfile, Call, CallStream};
    use crate::reference::Reference;

    fn array(shape: &[usize], elements: &[f64]) -> Array {
        Array::from_elements(DType::Float64, shape.to_vec(), elements.iter().map(|v| Element::F64(*v)))
    }

    fn function(category: &str, name: &str) -> &'static Function {
        Spec::embedded().function(category, name).expect("it is in the spec")
    }

    /// A call whose arrays are contiguous, and which hands back its inputs.
    fn call(sharing: Sharing, arguments: Vec<(&str, Array)>) -> Call<'_> {
        let arguments = arguments.into_iter().map(|(name, array)| (name, Given::Array(array))).collect();
        Call { sharing, returns_inputs: true, ..Call::positional(arguments) }
    }

    /// The number of calls of a run that are to share memory in this way, and do.
    fn drawn(sharing: Sharing, category: &str, name: &str) -> usize {
        let (function, profile) = (function(category, name), BackendProfile::default());
        let stream = CallStream::new(Spec::embedded(), function, &profile).expect("it has dtypes");
        // Elements that leave the result open may have been replaced in one of the arrays.
        (0..250).filter_map(|n| stream.case(0, n)).filter(|case| case.call.shared() == sharing).count()
    }

    #[test]
    fn one_object_is_created_once_and_not_handed_back_if_it_is_written_to() {
        let mask = Array::from_elements(DType::Bool, vec![2], [true, false].map(Element::Bool));
        let x = || array(&[2], &[1.0, 2.0]);
        let one = call(Sharing::OneObject, vec![("self", x()), ("key", mask.clone()), ("value", x())]);
        let assign = function("array", "__setitem__");
        let program = one.program(assign);
        assert_eq!((program.inputs.len(), &program.returns[..]), (2, &[0, 1][..]));
        assert_eq!(program.steps[0].args, [0, 1, 0].map(Arg::Register));
        assert_eq!((one.preserved(assign), one.shared()), (vec![&mask], Sharing::OneObject));
        let two = Call { sharing: Sharing::Apart, ..one };
        assert_eq!(two.program(assign).returns, [0, 1, 2]);
        assert_eq!(two.preserved(assign).len(), 2);
    }

    #[test]
    fn arrays_that_overlap_are_views_of_one() {
        let x = || array(&[2, 1], &[1.0, 2.0]);
        let mut overlapping = call(Sharing::Overlapping, vec![("x1", x()), ("x2", array(&[2, 1], &[5.0, 3.0]))]);
        overlapping.layouts[0] = Layout::Strided;
        overlapping.let_overlap(0, 1, 2);
        let add = function("elementwise", "add");
        let program = overlapping.program(add);
        assert_eq!((&program.inputs[..], overlapping.shared()), (&[array(&[3, 1], &[1.0, 2.0, 3.0])][..], Sharing::Overlapping));
        let values = [array(&[2, 1], &[3.0, 5.0]), x(), array(&[2, 1], &[2.0, 3.0])].map(Value::Array);
        assert_eq!(run_program(&mut Reference::default(), &program), Outcome::Values(values.to_vec()));
        // If an element differs, each array has memory of its own.
        overlapping.replace_array(1, array(&[2, 1], &[4.0, 3.0]));
        assert_eq!((overlapping.program(add).inputs.len(), overlapping.shared()), (2, Sharing::Apart));
    }

    #[test]
    fn arguments_share_memory_where_that_is_legal() {
        let legal = [("linear_algebra", "vecdot"), ("manipulation", "concat"), ("manipulation", "stack")];
        for (category, name) in legal.into_iter().chain([("array", "__setitem__"), ("searching", "where")]) {
            assert!(drawn(Sharing::OneObject, category, name) >= 3, "{name}");
        }
        for (category, name) in legal {
            assert!(drawn(Sharing::Overlapping, category, name) >= 3, "{name}");
        }
        // The text does not say what becomes of a view of an array that is written to.
        assert_eq!(drawn(Sharing::Overlapping, "array", "__setitem__"), 0);
        // The second argument has a domain of its own.
        for (category, name) in [("indexing", "take_along_axis"), ("searching", "searchsorted"), ("linalg", "solve")] {
            assert_eq!(drawn(Sharing::OneObject, category, name) + drawn(Sharing::Overlapping, category, name), 0, "{name}");
        }
    }
}
