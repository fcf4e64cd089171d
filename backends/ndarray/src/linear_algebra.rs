//! Products of vectors and matrices with the crate's `dot`, which takes arrays with one and two axes.

use ndarray::linalg::Dot;
use ndarray::{ArrayD, ArrayRef, IxDyn, LinalgScalar};
use num_complex::Complex;

use crate::array::Native;
use crate::function::{Form, Function, array, give, int};

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let function = |name, parameters, forms| Function { name, native: "dot", parameters, forms };
    vec![
        function("matmul", &["_", "_"], each!(numbers, T => product::<T>(|_, _, _| true))),
        // With two axes `dot` is not `vecdot`, and it does not conjugate.
        function(
            "vecdot",
            &["_", "_", "axis=-1"],
            each!(reals, T => product::<T>(|x1, x2, axis| {
                x1.ndim() == 1 && x2.ndim() == 1 && matches!(axis, Some(-1 | 0))
            })),
        ),
        function(
            "tensordot",
            &["_", "_", "axes=2"],
            each!(numbers, T => product::<T>(|x1, x2, axes| {
                [x1.ndim(), x2.ndim()].iter().all(|rank| [1, 2].contains(rank)) && axes == Some(1)
            })),
        ),
    ]
}

/// The product, if `dot` means the same as the function.
fn product<T: Native + LinalgScalar>(is_dot: fn(&ArrayD<T>, &ArrayD<T>, Option<i64>) -> bool) -> Form {
    Box::new(move |args| {
        let (x1, x2) = (array::<T>(args.first()?)?, array::<T>(args.get(1)?)?);
        let which = args.get(2).and_then(|arg| int(arg, None));
        is_dot(x1, x2, which).then_some(())?;
        give(T::wrap(Dot::<ArrayRef<T, IxDyn>>::dot(&**x1, &**x2)))
    })
}
