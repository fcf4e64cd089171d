//! Products of matrices and vectors.

use array_assay_interface::{CallError, DType};

use crate::array::{Array, broadcast};
use crate::call::{Answer, Call, Function, Value, axes_of, promoted};
use crate::device::Product;
use crate::elementwise::apply;
use crate::error::{type_error, value_error};
use crate::fold::reduced;
use crate::launch::{Launch, on_one_device};
use crate::shape::expanded;
use crate::source::{Module, PRODUCT, c_type};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "matmul" => |call| matmul(call.array(0)?, call.array(1)?).map(Into::into),
        "tensordot" => tensordot,
        "vecdot" => vecdot,
        _ => return None,
    })
}

/// The product of two stacks of matrices, or of vectors in their place.
pub fn matmul(x1: &Array, x2: &Array) -> Result<Array, CallError> {
    if x1.rank() == 0 || x2.rank() == 0 {
        return Err(value_error("a product of matrices takes no arrays of rank zero"));
    }
    let dtype = promoted(x1.dtype(), x2.dtype())?;
    if dtype == DType::Bool {
        return Err(type_error("a product of matrices takes no booleans"));
    }
    let a = if x1.rank() == 1 { expanded(x1, &[0])? } else { x1.clone() };
    let b = if x2.rank() == 1 { expanded(x2, &[1])? } else { x2.clone() };
    let ([outer @ .., rows, terms], [other @ .., others, columns]) = (a.shape(), b.shape()) else {
        return Err(value_error("a matrix has two axes"));
    };
    if terms != others {
        return Err(value_error(format!("{terms} columns do not go with {others} rows")));
    }
    let outer = broadcast([outer, other])?;
    let with = |last: [usize; 2]| [outer.clone(), last.to_vec()].concat();
    let a = a.cast(dtype)?.broadcast_to(&with([*rows, *terms]))?.contiguous()?;
    let b = b.cast(dtype)?.broadcast_to(&with([*terms, *columns]))?.contiguous()?;
    let out = Array::new(a.device(), dtype, with([*rows, *columns]))?;
    let (rows, columns, terms) = (*rows, *columns, *terms);
    let by_library =
        Product { dtype, count: outer.iter().product(), rows, columns, terms, left: a.address(), right: b.address(), out: out.address() };
    let is_large = dtype.is_floating() && out.size() > 0 && rows.min(columns).min(terms) >= a.device().library_from();
    if !is_large || !on_one_device(&[&out, &a, &b])?.product(&by_library)? {
        let launch = Launch::times(out.size()).buffer(&out).buffer(&a).buffer(&b).integers([rows, columns, terms]);
        launch.run(&Module::of(&PRODUCT, dtype), &format!("product_{}", c_type(dtype)))?;
    }
    let mut shape = outer;
    if x1.rank() > 1 {
        shape.push(rows);
    }
    if x2.rank() > 1 {
        shape.push(columns);
    }
    out.reshaped(&shape)
}

fn tensordot(call: &Call<'_>) -> Answer {
    let (x1, x2) = (call.array(0)?, call.array(1)?);
    let (left, right) = match call.value(2) {
        Value::Scalar(_) => {
            let count = call.size(2)?;
            if count > x1.rank() || count > x2.rank() {
                return Err(value_error(format!("{count} axes are more than the arrays have")));
            }
            ((x1.rank() - count..x1.rank()).collect(), (0..count).collect())
        }
        axes => {
            let [left, right] = axes.items().unwrap_or_default() else { return Err(type_error("the axes are a number, or two sequences")) };
            let of = |axes: &Value, rank| {
                let axes = axes.integers().ok_or_else(|| type_error("an axis is an integer"))?;
                axes_of(&axes, rank)
            };
            (of(left, x1.rank())?, of(right, x2.rank())?)
        }
    };
    let sizes = |x: &Array, axes: &[usize]| axes.iter().map(|axis| x.shape()[*axis]).collect::<Vec<_>>();
    if sizes(x1, &left) != sizes(x2, &right) {
        return Err(value_error("the axes that are summed over have different lengths"));
    }
    let (a, first) = x1.rows(&left)?;
    let (b, second) = x2.rows(&right)?;
    let product = matmul(&a, &b.permuted(&[1, 0])?)?;
    product.reshaped(&[first, second].concat()).map(Into::into)
}

fn vecdot(call: &Call<'_>) -> Answer {
    let (x1, x2) = (call.array(0)?, call.array(1)?);
    let axis = call.integer(2)?;
    let (own, other) = (crate::call::axis_of(axis, x1.rank())?, crate::call::axis_of(axis, x2.rank())?);
    if x1.shape()[own] != x2.shape()[other] {
        return Err(value_error("the axes that are summed over have different lengths"));
    }
    let product = apply("multiply", &[&apply("conj", &[x1])?, x2])?;
    let axis = crate::call::axis_of(axis, product.rank())?;
    reduced(&product, &[axis], false, "add").map(Into::into)
}
