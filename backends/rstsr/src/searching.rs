//! The functions of the categories `searching`, `set` and `sorting` that do not reduce.

use std::sync::Arc;

use array_assay_interface::{Argument, Output};
use num_complex::Complex;
use rstsr::prelude::rt;
use rstsr::prelude::rt::rstsr_structs::{SearchSide, SearchSortedArgs, SortArgs};

use crate::array::{Native, RsArray, Tsr, indices};
use crate::function::{Args, Form, Function, Given, array, flag, give, give_any, give_output, int};

/// A form with the types of its closure written out.
macro_rules! form {
    (|$args:ident| $body:expr) => {
        Arc::new(|$args: Args<'_, '_>| -> Given { $body }) as Form
    };
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    sorts_and_searches().into_iter().chain(sets()).collect()
}

/// The functions of an order.
fn sorts_and_searches() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    const SORTED: &[&str] = &["_", "axis=-1", "descending", "stable"];
    vec![
        function("sort", "sort_f", SORTED, each!(all, T => form!(|args| give(rt::sort_f(array::<T>(args.first()?)?, order(args)?))))),
        function(
            "argsort",
            "argsort_f",
            SORTED,
            each!(all, T => form!(|args| give_any(rt::argsort_f(array::<T>(args.first()?)?, order(args)?).map(indices)))),
        ),
        function(
            "searchsorted",
            "searchsorted_f",
            &["_", "_", "side", "sorter"],
            each!(reals, T => form!(|args| {
                let [x1, x2, side, sorter] = args else { return None };
                give_any(rt::searchsorted_f(array::<T>(x1)?, array::<T>(x2)?, places(side, sorter)?).map(indices))
            })),
        ),
        function(
            "nonzero",
            "nonzero_f",
            &["_"],
            each!(all, T => form!(|args| {
                let [x] = args else { return None };
                give_output(rt::nonzero_f(array::<T>(x)?).map(|found| Output::Tuple(found.into_iter().map(index_array).collect())))
            })),
        ),
    ]
}

/// The functions of sets.
fn sets() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    vec![
        function(
            "isin",
            "isin_f",
            &["_", "_", "invert"],
            each!(all, T => form!(|args| {
                let [x1, x2, invert] = args else { return None };
                give(rt::isin_f(array::<T>(x1)?, array::<T>(x2)?, flag(invert)?))
            })),
        ),
        function(
            "unique_values",
            "unique_values_f",
            &["_"],
            each!(all, T => form!(|args| {
                let [x] = args else { return None };
                give(rt::unique_values_f(array::<T>(x)?))
            })),
        ),
        function(
            "unique_counts",
            "unique_counts_f",
            &["_"],
            each!(all, T => form!(|args| {
                let [x] = args else { return None };
                give_output(rt::unique_counts_f(array::<T>(x)?).map(|unique| {
                    Output::named([("values", value(unique.values)), ("counts", index_array(unique.counts))])
                }))
            })),
        ),
        function(
            "unique_inverse",
            "unique_inverse_f",
            &["_"],
            each!(all, T => form!(|args| {
                let [x] = args else { return None };
                give_output(rt::unique_inverse_f(array::<T>(x)?).map(|unique| {
                    Output::named([("values", value(unique.values)), ("inverse_indices", index_array(unique.inverse_indices))])
                }))
            })),
        ),
        function(
            "unique_all",
            "unique_all_f",
            &["_"],
            each!(all, T => form!(|args| {
                let [x] = args else { return None };
                give_output(rt::unique_all_f(array::<T>(x)?).map(|unique| {
                    let inverse_indices = ("inverse_indices", index_array(unique.inverse_indices));
                    let (values, places) = (("values", value(unique.values)), ("indices", index_array(unique.indices)));
                    Output::named([values, places, inverse_indices, ("counts", index_array(unique.counts))])
                }))
            })),
        ),
    ]
}

fn value<T: Native>(tensor: Tsr<T>) -> Output<RsArray> {
    Output::Array(T::wrap(tensor))
}

fn index_array(tensor: Tsr<usize>) -> Output<RsArray> {
    Output::Array(indices(tensor))
}

/// The arguments of a sort behind the array.
fn order(args: Args<'_, '_>) -> Option<SortArgs> {
    let [_, axis, descending, stable] = args else { return None };
    let stable = if stable.is_none() { true } else { stable.flag()? };
    Some(SortArgs { axis: int(axis, None)?, descending: flag(descending)?, stable })
}

/// The options of `searchsorted`.
fn places(side: &Argument<'_, RsArray>, sorter: &Argument<'_, RsArray>) -> Option<SearchSortedArgs> {
    let side = match side.text() {
        None if side.is_none() => SearchSide::Left,
        Some("left") => SearchSide::Left,
        Some("right") => SearchSide::Right,
        _ => return None,
    };
    let sorter = match sorter {
        Argument::None => None,
        Argument::Array(places) => Some(crate::indexing::list(places)?),
        _ => return None,
    };
    Some(SearchSortedArgs { side, sorter })
}
