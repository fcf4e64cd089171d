//! The array of a register. An assignment to it shows in every register that holds the array.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use array_assay_interface::Argument;

use crate::array::RsArray;

/// An array that an in-place operator may change. It is never a view, because every function returns an array of its own.
#[derive(Clone)]
pub struct Register(Rc<RefCell<RsArray>>);

impl From<RsArray> for Register {
    fn from(array: RsArray) -> Register {
        Register(Rc::new(RefCell::new(array)))
    }
}

impl Register {
    /// The current array.
    pub fn get(&self) -> Ref<'_, RsArray> {
        self.0.borrow()
    }

    pub(crate) fn set(&self, array: RsArray) {
        *self.0.borrow_mut() = array;
    }
}

type Kwargs<'a, A> = Vec<(String, Argument<'a, A>)>;

/// Calls a function with the arrays that the registers among the arguments hold.
pub(crate) fn with_arrays<R>(
    args: &[Argument<'_, Register>],
    kwargs: &[(String, Argument<'_, Register>)],
    call: impl FnOnce(&[Argument<'_, RsArray>], &[(String, Argument<'_, RsArray>)]) -> R,
) -> R {
    let all = args.iter().chain(kwargs.iter().map(|(_, arg)| arg));
    let held: Vec<Ref<'_, RsArray>> = all.flat_map(Argument::leaves).map(|register| register.get()).collect();
    let mut arrays = held.iter().map(|array| &**array);
    let mut resolved = |arg: &Argument<'_, Register>| arg.as_ref().map(|_| arrays.next().expect("each register is held"));
    let args: Vec<_> = args.iter().map(&mut resolved).collect();
    let kwargs: Kwargs<'_, RsArray> = kwargs.iter().map(|(name, arg)| (name.clone(), resolved(arg))).collect();
    call(&args, &kwargs)
}
