//! Faults of Fourier transforms: how they change the arguments and the result, and which functions have them.

use array_assay_interface::{Array, Element, Value};
use array_assay_oracle::call::{Given, advance, flat};
use array_assay_spec::{Domain, Function};

use super::values::{each_array, each_element};
use super::{Fault, Mutation};

/// The faults that a function of the extension `fft` may have, besides those of all functions.
pub(super) fn faults(function: &Function) -> Vec<Fault> {
    let takes = |is: fn(&Domain) -> bool| function.parameters.iter().any(|p| is(&p.domain));
    let half = takes(|d| matches!(d, Domain::TransformLength { half: true, .. } | Domain::TransformLengths { half: true, .. }));
    if function.name.ends_with("shift") {
        return vec![Fault::ShiftRoundedUp];
    }
    if !takes(|d| matches!(d, Domain::TransformLength { .. } | Domain::TransformLengths { .. })) {
        return vec![Fault::SinglePrecision];
    }
    let narrow = function.primary().and_then(|p| p.dtypes.iter().min_by_key(|d| d.size()));
    let mut out = vec![
        Fault::SinglePrecision,
        Fault::NormTurned,
        Fault::TrimmedInFront,
        Fault::PaddedInFront,
        Fault::LastTransformOff,
        Fault::OneTwiddleOff,
    ];
    out.extend(narrow.map(Fault::ExponentTurned));
    if half {
        out.push(Fault::OddTakenForEven);
    }
    out
}

impl Mutation {
    /// The path of another function whose result the mutant returns, if it does.
    pub fn mistaken_for(&self) -> Option<&'static str> {
        match (&self.fault, self.function.as_str()) {
            (Fault::ShiftRoundedUp, "fftshift") => Some("fft.ifftshift"),
            (Fault::ShiftRoundedUp, _) => Some("fft.fftshift"),
            _ => None,
        }
    }

    /// Changes the arguments of a transform.
    pub(super) fn apply_to_transform(&self, given: &mut Vec<(&str, Given)>) {
        match self.fault {
            Fault::NormTurned => {
                let turned = match given.iter().find(|(name, _)| *name == "norm") {
                    Some((_, Given::Str(mode))) if mode == "ortho" => return,
                    Some((_, Given::Str(mode))) if mode == "forward" => "backward",
                    _ => "forward",
                };
                given.retain(|(name, _)| *name != "norm");
                given.push(("norm", Given::Str(turned.to_owned())));
            }
            Fault::ExponentTurned(dtype) => each_given_array(given, |array| {
                if array.dtype == dtype {
                    *array = mapped(array, conjugated);
                }
            }),
            Fault::TrimmedInFront | Fault::PaddedInFront => {
                let pads = self.fault == Fault::PaddedInFront;
                for (axis, taken) in self.taken(given) {
                    each_given_array(given, |array| {
                        let n = array.shape[axis];
                        if n < taken && pads || n > taken && !pads {
                            *array = last_ones(array, axis, taken);
                        }
                    });
                }
            }
            Fault::OddTakenForEven => {
                let Some((axis, length)) = lengths(given).pop().filter(|(_, length)| length % 2 == 1 && *length > 1) else { return };
                each_given_array(given, |array| {
                    let mut index = vec![0; array.shape.len()];
                    let shape = array.shape.clone();
                    *array = mapped(array, |e| {
                        let last = index[axis] == length / 2;
                        advance(&mut index, &shape);
                        let (re, im) = e.components();
                        if last { Element::C128(re / 2.0, im / 2.0) } else { e }
                    });
                });
            }
            _ => {}
        }
    }

    /// For each axis with a length argument: the axis, and the number of elements that are taken along it.
    fn taken(&self, given: &[(&str, Given)]) -> Vec<(usize, usize)> {
        let mut out = lengths(given);
        let half = matches!(self.function.as_str(), "irfft" | "irfftn" | "hfft");
        if let (true, Some((_, last))) = (half, out.last_mut()) {
            *last = *last / 2 + 1;
        }
        out
    }

    /// Changes the result of a transform.
    pub(super) fn apply_to_spectrum(&self, given: &[(&str, Given)], value: &mut Value) {
        let x = given.iter().flat_map(|(_, given)| given.leaves()).next();
        match self.fault {
            Fault::ExponentTurned(dtype) if x.is_some_and(|x| x.dtype == dtype) => each_element(value, &|_, e| conjugated(e)),
            Fault::LastTransformOff if x.is_some_and(|x| x.shape.len() > 1) => {
                each_array(value, &mut |array| add_at(array, array.len().wrapping_sub(1), 1e-3));
            }
            Fault::OneTwiddleOff => each_array(value, &mut |array| {
                if array.len() > 8 {
                    add_at(array, 1, 2f64.powi(-array.dtype.precision() / 2));
                }
            }),
            _ => {}
        }
    }
}

/// The axes and lengths among the arguments, in order. The length -1 stands for no length.
fn lengths(given: &[(&str, Given)]) -> Vec<(usize, usize)> {
    let find = |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, given)| given);
    let rank = given.iter().flat_map(|(_, given)| given.leaves()).next().map_or(0, |array| array.shape.len());
    let integers =
        |given: Option<&Given>| -> Vec<i128> { given.map_or(&[][..], Given::one_or_more).iter().filter_map(Given::integer).collect() };
    let lengths = integers(find("n").or_else(|| find("s")));
    let mut axes = integers(find("axis").or_else(|| find("axes")));
    if axes.is_empty() {
        axes.push(-1);
    }
    let axis = |axis: i128| axis.rem_euclid(rank.max(1) as i128) as usize;
    axes.into_iter().zip(lengths).filter_map(|(a, n)| Some((axis(a), usize::try_from(n).ok()?))).collect()
}

fn each_given_array(given: &mut [(&str, Given)], mut corrupt: impl FnMut(&mut Array)) {
    for (_, given) in given {
        if let Given::Array(array) = given {
            corrupt(array);
        }
    }
}

fn mapped(array: &Array, map: impl FnMut(Element) -> Element) -> Array {
    Array::from_elements(array.dtype, array.shape.clone(), array.elements().map(map).map(|e| e.cast(array.dtype)).collect::<Vec<_>>())
}

fn conjugated(element: Element) -> Element {
    match element {
        Element::C64(re, im) => Element::C64(re, -im),
        Element::C128(re, im) => Element::C128(re, -im),
        other => other,
    }
}

/// The last elements along an axis, with zeros in front if there are too few.
fn last_ones(array: &Array, axis: usize, taken: usize) -> Array {
    let mut shape = array.shape.clone();
    shape[axis] = taken;
    let mut index = vec![0; shape.len()];
    let elements: Vec<Element> = (0..shape.iter().product())
        .map(|_| {
            let mut from = index.clone();
            advance(&mut index, &shape);
            match (from[axis] + array.shape[axis]).checked_sub(taken) {
                Some(at) => {
                    from[axis] = at;
                    array.get(flat(&array.shape, from.into_iter()))
                }
                None => Element::Int(0).cast(array.dtype),
            }
        })
        .collect();
    Array::from_elements(array.dtype, shape, elements)
}

/// Adds a part of the greatest element to one element.
fn add_at(array: &mut Array, at: usize, part: f64) {
    let greatest = array.elements().map(|e| e.components().0.hypot(e.components().1)).fold(0.0, f64::max);
    let add = |(i, e): (usize, Element)| {
        let (re, im) = e.components();
        let corrupted = if array.dtype.is_complex() { Element::C128(re + part * greatest, im) } else { Element::F64(re + part * greatest) };
        if i == at { corrupted.cast(array.dtype) } else { e }
    };
    let elements: Vec<Element> = array.elements().enumerate().map(add).collect();
    *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
}
