//! The array of a register. An assignment to it shows in every register that holds the array.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use array_assay_interface::{Argument, Output};

use crate::array::NdArray;

/// An array that an in-place operator may change. It is never a view, because every function returns an array of its own.
#[derive(Debug, Clone)]
pub struct Register(Rc<RefCell<NdArray>>);

impl From<NdArray> for Register {
    fn from(array: NdArray) -> Register {
        Register(Rc::new(RefCell::new(array)))
    }
}

impl Register {
    /// The current array.
    pub fn get(&self) -> Ref<'_, NdArray> {
        self.0.borrow()
    }

    pub(crate) fn set(&self, array: NdArray) {
        *self.0.borrow_mut() = array;
    }
}

type Kwargs<'a, A> = Vec<(String, Argument<'a, A>)>;

/// Calls a function with the arrays that the registers among the arguments hold.
pub(crate) fn with_arrays<R>(
    args: &[Argument<'_, Register>],
    kwargs: &[(String, Argument<'_, Register>)],
    call: impl FnOnce(&[Argument<'_, NdArray>], &[(String, Argument<'_, NdArray>)]) -> R,
) -> R {
    let mut held = Vec::new();
    args.iter().chain(kwargs.iter().map(|(_, arg)| arg)).for_each(|arg| hold(arg, &mut held));
    let mut arrays = held.iter().map(|array| &**array);
    let args: Vec<_> = args.iter().map(|arg| resolved(arg, &mut arrays)).collect();
    let kwargs: Kwargs<'_, NdArray> = kwargs.iter().map(|(name, arg)| (name.clone(), resolved(arg, &mut arrays))).collect();
    call(&args, &kwargs)
}

fn hold<'a>(arg: &Argument<'a, Register>, held: &mut Vec<Ref<'a, NdArray>>) {
    match arg {
        Argument::Array(register) => held.push(register.get()),
        Argument::Tuple(items) | Argument::List(items) => items.iter().for_each(|item| hold(item, held)),
        _ => {}
    }
}

/// The same argument, with its registers replaced by the next arrays.
fn resolved<'b>(arg: &Argument<'_, Register>, arrays: &mut impl Iterator<Item = &'b NdArray>) -> Argument<'b, NdArray> {
    match arg {
        Argument::Array(_) => Argument::Array(arrays.next().expect("each register is held")),
        // An output that is not an array, such as a shape, becomes the literal of the same form.
        Argument::Value(output) => literal(output),
        Argument::Scalar(scalar) => Argument::Scalar(*scalar),
        Argument::Str(text) => Argument::Str(text.clone()),
        Argument::Dtype(dtype) => Argument::Dtype(*dtype),
        Argument::Device(name) => Argument::Device(name.clone()),
        Argument::Slice(slice) => Argument::Slice(*slice),
        Argument::None => Argument::None,
        Argument::Ellipsis => Argument::Ellipsis,
        Argument::Tuple(items) => Argument::Tuple(items.iter().map(|item| resolved(item, arrays)).collect()),
        Argument::List(items) => Argument::List(items.iter().map(|item| resolved(item, arrays)).collect()),
    }
}

/// An output as an argument. An output that holds arrays becomes `...`, which only indexing takes.
fn literal<'b>(output: &Output<Register>) -> Argument<'b, NdArray> {
    match output {
        Output::Scalar(scalar) => Argument::Scalar(*scalar),
        Output::Tuple(items) => Argument::Tuple(items.iter().map(literal).collect()),
        Output::List(items) => Argument::List(items.iter().map(literal).collect()),
        _ => Argument::Ellipsis,
    }
}

/// The output with its arrays in new registers.
pub(crate) fn kept(output: Output<NdArray>) -> Output<Register> {
    match output {
        Output::Array(array) => Output::Array(array.into()),
        Output::Scalar(scalar) => Output::Scalar(scalar),
        Output::Tuple(items) => Output::Tuple(items.into_iter().map(kept).collect()),
        Output::List(items) => Output::List(items.into_iter().map(kept).collect()),
        _ => unreachable!("no function gives anything else"),
    }
}
