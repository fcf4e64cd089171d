//! Reads and writes parts of an array.

use std::sync::Arc;

use array_assay_interface::{Argument, Element as HostElement, Scalar, Slice};
use num_complex::Complex;
use rstsr::prelude::rt;
use rstsr::prelude::rt::rstsr_structs::{ArrayIndexArgs, ArrayIndexer, AxesIndex, AxisIndex, Indexer, SliceI};
use rstsr_dtype_traits::DTypeCastAPI;

use crate::array::{Home, Native, RsArray, Tsr};
use crate::function::{Args, Form, Function, Given, array, give, give_any, int, raised, scalar};

/// The form that assigns an array of the second type to a part of an array of the first.
macro_rules! assignment {
    ($T:ty, $U:ty) => {
        assigned::<$T, $U>(
            |x, key, value| x.slice_mut_f(AxesIndex::Vec(key))?.assign_f(value),
            |x, key, value| rt::array_index_assign_f(x, key, value),
            |x, mask, value| rt::mask_assign_f(x, mask, value),
        )
    };
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let mut assignments = each!(all, T => Arc::new(assign_scalar::<T>) as Form);
    assignments.extend(promoted!(bits, T, U => assignment!(T, U)));
    assignments.extend(pairs!(inexact, floats, T, U => assignment!(T, U)));
    assignments.extend(pairs!([(Complex<f32>) (Complex<f64>)], [(Complex<f32>) (Complex<f64>)], T, U => assignment!(T, U)));
    vec![
        Function::of("operator.getitem", "slice_f", &[], getitem),
        Function { name: "operator.setitem", native: "assign_f", parameters: &[], forms: assignments },
        Function::of("take", "take_f", &["_", "_", "axis"], take),
        Function::of("take_along_axis", "take_along_axis_f", &["_", "_", "axis=-1"], take_along_axis),
    ]
}

/// A key as the crate takes it.
enum Key {
    /// Ints, slices, `None` and `...`.
    Basic(Vec<Indexer>),
    /// One mask.
    Mask(Tsr<bool>),
    /// A key with arrays.
    Arrays(ArrayIndexArgs<Home>),
}

/// The key that a Python key means.
fn key(arg: &Argument<'_, RsArray>) -> Option<Key> {
    let items = arg.parts();
    if let Some(basic) = items.iter().map(basic).collect::<Option<Vec<_>>>() {
        return Some(Key::Basic(basic));
    }
    if let [Argument::Array(RsArray::Bool(mask))] = items {
        return Some(Key::Mask(mask.clone()));
    }
    let indexer = |item: &Argument<'_, RsArray>| match item {
        Argument::Array(RsArray::Bool(mask)) => Some(ArrayIndexer::ArrayBool(mask.clone())),
        Argument::Array(indices) => signed(indices).map(ArrayIndexer::ArrayIndex),
        item => basic(item).map(ArrayIndexer::Basic),
    };
    items.iter().map(indexer).collect::<Option<Vec<_>>>().map(|items| Key::Arrays(ArrayIndexArgs::new(items)))
}

/// An int, a slice, `None` or `...` of a key.
fn basic(item: &Argument<'_, RsArray>) -> Option<Indexer> {
    Some(match item {
        Argument::Scalar(Scalar::Int(index)) => Indexer::Select(isize::try_from(*index).ok()?),
        Argument::Slice(Slice { start, stop, step }) => {
            let bound = |bound: &Option<i64>| bound.map(|v| v as isize);
            Indexer::Slice(SliceI::new(bound(start), bound(stop), bound(step)))
        }
        Argument::None => Indexer::Insert,
        Argument::Ellipsis => Indexer::Ellipsis,
        _ => return None,
    })
}

/// Indices as the crate takes them in a tensor.
fn signed(indices: &RsArray) -> Option<Tsr<isize>> {
    macro_rules! cast {
        ($($dtype:ident),*) => {
            match indices {
                $(RsArray::$dtype(x) => Some(x.mapv(DTypeCastAPI::<isize>::into_cast)),)*
                _ => None,
            }
        };
    }
    cast!(Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64)
}

/// The ints of an array with one axis, as the crate takes them in a list.
pub(crate) fn list<T: TryFrom<i128>>(array: &RsArray) -> Option<Vec<T>> {
    (array.shape().len() == 1).then_some(())?;
    let int = |element| match element {
        HostElement::Int(v) => T::try_from(v).ok(),
        _ => None,
    };
    array.to_host().ok()?.elements().map(int).collect()
}

fn getitem(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), by] = args else { return None };
    give_any(match key(by)? {
        Key::Basic(key) => with_array!(x, x => rt::into_slice_f(x.clone(), AxesIndex::Vec(key)).map(Native::wrap)),
        Key::Mask(mask) => with_array!(x, x => rt::mask_select_f(x, &mask).map(Native::wrap)),
        Key::Arrays(key) => with_array!(x, x => rt::array_index_f(x, key).map(|x| Native::wrap(x.into_owned()))),
    })
}

type AssignBasic<T, U> = fn(&mut Tsr<T>, Vec<Indexer>, &Tsr<U>) -> rt::Result<()>;
type AssignArrays<T, U> = fn(&mut Tsr<T>, ArrayIndexArgs<Home>, &Tsr<U>) -> rt::Result<()>;
type AssignMask<T, U> = fn(&mut Tsr<T>, &Tsr<bool>, &Tsr<U>) -> rt::Result<()>;

/// An array assigned to a part of another, which the crate converts.
fn assigned<T: Native, U: Native>(basic: AssignBasic<T, U>, arrays: AssignArrays<T, U>, mask: AssignMask<T, U>) -> Form {
    Arc::new(move |args| {
        let [x, by, value] = args else { return None };
        let (mut x, value) = (array::<T>(x)?.clone(), array::<U>(value)?);
        let result = match key(by)? {
            Key::Basic(key) => basic(&mut x, key, value),
            Key::Mask(selected) => mask(&mut x, &selected, value),
            Key::Arrays(key) => arrays(&mut x, key, value),
        };
        give(result.map(|()| x))
    })
}

/// A scalar of the same dtype assigned to a part of an array.
fn assign_scalar<T>(args: Args<'_, '_>) -> Given
where
    T: Native,
{
    let [x, by, value] = args else { return None };
    let (mut x, value) = (array::<T>(x)?.clone(), scalar::<T>(value)?);
    let result = match key(by)? {
        Key::Basic(key) => x.slice_mut_f(AxesIndex::Vec(key)).and_then(|mut part| part.fill_f(value)),
        Key::Mask(mask) => rt::mask_fill_f(&mut x, &mask, value),
        Key::Arrays(_) => return None,
    };
    match result {
        Ok(()) => give(Ok(x)),
        Err(error) => Some(Err(raised(&error))),
    }
}

/// Without an axis the array has one, and the crate takes no default.
fn take(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), Argument::Array(indices), along] = args else { return None };
    let along = int(along, (x.shape().len() == 1).then_some(0isize))?;
    let indices: Vec<isize> = list(indices)?;
    give_any(with_array!(x, x => rt::take_f(x, indices, along).map(Native::wrap)))
}

fn take_along_axis(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), Argument::Array(indices), along] = args else { return None };
    let (indices, along) = (signed(indices)?, int::<isize>(along, None)?);
    give_any(with_array!(x, x => rt::take_along_axis_f(x, &indices, AxisIndex::Val(along)).map(Native::wrap)))
}
