//! Calls that have to raise: legal ones, of which one argument is spoilt.

use array_assay_interface::{Array, DType, Element, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Parameter, Spoil};

use super::call::Call;
use super::values::Random;

/// Spoils the argument for a parameter; `None` where this call has nothing to spoil. `index` is the dtype of arrays of indices.
pub fn spoil(call: &mut Call<'_>, parameter: &Parameter, how: Spoil, index: DType, random: &mut Random) -> Option<()> {
    let name = parameter.name.as_str();
    let most_axes = call.arrays().iter().map(|array| array.shape.len()).max().unwrap_or(0);
    let shape = call.arrays().first().map(|array| array.shape.clone()).unwrap_or_default();
    if how == Spoil::LeftOut {
        let at = call.arguments.iter().position(|(n, _)| *n == name)?;
        call.arguments.remove(at);
        call.forms.remove(at);
        return Some(());
    }
    let given = call.arguments.iter_mut().find(|(n, _)| *n == name).map(|(_, given)| given)?;
    match how {
        Spoil::LeftOut => return None,
        Spoil::OutOfBounds => {
            // One place behind the axes is legal for a new one: two never are.
            let rank = most_axes as i128;
            let beyond = [rank + 2, -rank - 3][random.below(2)];
            match (&parameter.domain, given) {
                // A number of axes is no axis; of the sequences one is chosen.
                (Domain::Contraction { .. }, Given::Tuple(sequences)) => {
                    let at = random.below(sequences.len());
                    match &mut sequences[at] {
                        Given::Tuple(items) | Given::List(items) => *items.last_mut()? = int(beyond),
                        _ => return None,
                    }
                }
                (Domain::Contraction { .. }, _) => return None,
                (_, Given::Tuple(items) | Given::List(items)) if !items.is_empty() => {
                    let (at, places) = (random.below(items.len()), items.len() as i128);
                    items[at] = int(if beyond > 0 { beyond + places } else { beyond - places });
                }
                (_, given @ Given::Scalar(_)) => *given = int(beyond),
                _ => return None,
            }
        }
        Spoil::NotSingleton => {
            let others: Vec<usize> = (0..shape.len()).filter(|i| shape[*i] > 1).collect();
            if others.is_empty() {
                return None;
            }
            *given = int(others[random.below(others.len())] as i128);
        }
        Spoil::Negative => *given = int(-1 - random.below(5) as i128),
        Spoil::Mismatch => match given {
            Given::Array(array) => *array = reshaped(array, |shape| longer(shape))?,
            Given::Tuple(items) | Given::List(items) => match items.last_mut()? {
                Given::Array(array) if array.shape.iter().any(|n| *n > 1) => *array = reshaped(array, |shape| longer(shape))?,
                Given::Tuple(sizes) => spoil_size(sizes)?,
                Given::Scalar(_) => spoil_size(items)?,
                _ => return None,
            },
            _ => return None,
        },
        Spoil::TooFewAxes => match given {
            Given::Array(array) => {
                let first = Array::from_elements(array.dtype, Vec::new(), [array.elements().next()?]);
                *array = first;
            }
            _ => return None,
        },
        Spoil::TooManyAxes => match given {
            Given::Array(array) => array.shape.insert(0, 1),
            _ => return None,
        },
        Spoil::Complex => recast(given, DType::Complex128, |e| Element::C128(e.components().0, 1.0))?,
        Spoil::Floating => recast(given, DType::Float64, |e| Element::F64(e.components().0))?,
        Spoil::Nan => recast_floats(given, f64::NAN)?,
        Spoil::Infinite => recast_floats(given, f64::INFINITY)?,
        Spoil::RealDtype => *given = Given::Dtype(DType::Float64),
        Spoil::UnknownVersion => *given = Given::Str("1999.12".to_owned()),
        Spoil::TwoEllipses => *given = Given::Tuple(vec![Given::Ellipsis, Given::Ellipsis]),
        Spoil::TooManyIndices => {
            let whole = Given::Slice(array_assay_interface::Slice::default());
            *given = Given::Tuple(vec![whole; shape.len() + 1 + random.below(2)]);
        }
        Spoil::TooFewIndices => {
            if shape.len() < 2 {
                return None;
            }
            let whole = Given::Slice(array_assay_interface::Slice::default());
            *given = Given::Tuple(vec![whole; 1 + random.below(shape.len() - 1)]);
        }
        Spoil::MaskRank => *given = mask(shape.iter().copied().chain([2]).collect()),
        Spoil::MaskShape => {
            let at = (0..shape.len()).find(|i| shape[*i] > 0)?;
            let mut other = shape;
            other[at] += 1;
            *given = mask(other);
        }
        Spoil::IndexArrays => {
            if shape.len() < 2 || shape.contains(&0) {
                return None;
            }
            let zeros = |n: usize| Given::Array(Array::from_elements(index, vec![n], vec![Element::Int(0); n]));
            *given = Given::Tuple((0..shape.len()).map(|i| zeros(2 + i % 2)).collect());
        }
    }
    let count = call.arrays().len();
    call.layouts = vec![super::Layout::Contiguous; count];
    Some(())
}

fn int(v: i128) -> Given {
    Given::Scalar(Scalar::Int(v))
}

/// Every axis longer by two: such an array neither broadcasts nor contracts with what fitted before, unless that has length one.
fn longer(shape: &mut [usize]) {
    shape.iter_mut().for_each(|n| *n += 2);
}

fn reshaped(array: &Array, change: impl Fn(&mut [usize])) -> Option<Array> {
    let mut shape = array.shape.clone();
    if shape.is_empty() {
        return None;
    }
    change(&mut shape);
    let total = shape.iter().product();
    let element = array.elements().next().unwrap_or(Element::Int(0)).cast(array.dtype);
    Some(Array::from_elements(array.dtype, shape, vec![element; total]))
}

fn spoil_size(sizes: &mut [Given]) -> Option<()> {
    match sizes.last_mut()? {
        Given::Scalar(Scalar::Int(n)) => *n += 5,
        _ => return None,
    }
    Some(())
}

fn recast(given: &mut Given, dtype: DType, map: impl Fn(Element) -> Element) -> Option<()> {
    let Given::Array(array) = given else { return None };
    *array = Array::from_elements(dtype, array.shape.clone(), array.elements().map(map));
    Some(())
}

fn recast_floats(given: &mut Given, value: f64) -> Option<()> {
    let Given::Array(array) = given else { return None };
    let dtype = if array.dtype.is_floating() && !array.dtype.is_complex() { array.dtype } else { DType::Float64 };
    recast(given, dtype, |_| Element::F64(value).cast(dtype))
}

fn mask(shape: Vec<usize>) -> Given {
    let total = shape.iter().product();
    Given::Array(Array::from_elements(DType::Bool, shape, vec![Element::Bool(true); total]))
}
