//! The set functions.

use array_assay_interface::{CallError, DType};

use crate::array::Array;
use crate::call::{Answer, Call, Function, Value, named, promoted};
use crate::elementwise::apply;
use crate::error::type_error;
use crate::fold::{compacted, running};
use crate::gather::taken;
use crate::launch::Launch;
use crate::order::{among, beside, sorted};
use crate::shape::{concatenated, section};
use crate::source::{INDICES, Module, ORDER, c_type};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "isin" => isin,
        "unique_all" => |call| {
            let unique = Unique::of(call.array(0)?)?;
            Ok(named([
                ("values", unique.values()?),
                ("indices", unique.indices()?),
                ("inverse_indices", unique.inverse()?),
                ("counts", unique.counts()?),
            ]))
        },
        "unique_counts" => |call| {
            let unique = Unique::of(call.array(0)?)?;
            Ok(named([("values", unique.values()?), ("counts", unique.counts()?)]))
        },
        "unique_inverse" => |call| {
            let unique = Unique::of(call.array(0)?)?;
            Ok(named([("values", unique.values()?), ("inverse_indices", unique.inverse()?)]))
        },
        "unique_values" => |call| Unique::of(call.array(0)?)?.values().map(Into::into),
        _ => return None,
    })
}

/// The elements of an array in order, and where each of them begins.
struct Unique {
    keys: Array,
    /// Where the sorted elements were.
    order: Array,
    /// One where a sorted element differs from the one before.
    flags: Array,
    /// The places of those ones.
    starts: Array,
    shape: Vec<usize>,
}

impl Unique {
    fn of(x: &Array) -> Result<Unique, CallError> {
        let n = x.size();
        let (keys, order) = sorted(&x.reshaped(&[1, n])?, false)?;
        let flags = Array::new(x.device(), DType::Int64, vec![1, n])?;
        let launch = Launch::times(n).buffer(&flags).buffer(&keys);
        launch.run(&Module::of(&ORDER, x.dtype()), &format!("first_{}", c_type(x.dtype())))?;
        let starts = compacted(&flags)?;
        Ok(Unique { keys: keys.reshaped(&[n])?, order: order.reshaped(&[n])?, flags, starts, shape: x.shape().to_vec() })
    }

    fn values(&self) -> Result<Array, CallError> {
        taken(&self.keys, &self.starts, 0)
    }

    /// The sort is stable, so the first of equal elements comes first.
    fn indices(&self) -> Result<Array, CallError> {
        taken(&self.order, &self.starts, 0)
    }

    fn counts(&self) -> Result<Array, CallError> {
        let (n, device) = (self.keys.size() as i64, self.keys.device());
        let ends = concatenated(&[self.starts.clone(), Array::of_indices(device, &[n])?], 0)?;
        let count = self.starts.size();
        apply("subtract", &[&section(&ends, 0, 1, count)?, &section(&ends, 0, 0, count)?])
    }

    fn inverse(&self) -> Result<Array, CallError> {
        let n = self.keys.size();
        let number = running(&self.flags, "add")?;
        let number = apply("subtract", &[&number, &Array::of_indices(number.device(), &[1])?])?;
        let out = Array::new(number.device(), DType::Int64, self.shape.clone())?;
        let launch = Launch::times(n).buffer(&out).buffer(&self.order).buffer(&number);
        launch.run(&Module::of(&INDICES, DType::Int64), "scattered")?;
        Ok(out)
    }
}

fn isin(call: &Call<'_>) -> Answer {
    let (x1, x2) = match (call.value(0), call.value(1)) {
        (Value::Array(x1), Value::Array(x2)) => (x1.clone(), x2.clone()),
        (Value::Array(x1), Value::Scalar(scalar)) => (x1.clone(), beside(x1, *scalar)?),
        (Value::Scalar(scalar), Value::Array(x2)) => (beside(x2, *scalar)?, x2.clone()),
        _ => return Err(type_error("`isin` needs one array at least")),
    };
    let dtype = promoted(x1.dtype(), x2.dtype())?;
    let (x1, x2) = (x1.cast(dtype)?, x2.cast(dtype)?);
    let (sorted, _) = sorted(&x2.reshaped(&[1, x2.size()])?, false)?;
    let found = among(&x1, &sorted)?;
    if call.flag(2)? { apply("logical_not", &[&found]).map(Into::into) } else { Ok(found.into()) }
}
