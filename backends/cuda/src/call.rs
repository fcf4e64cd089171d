//! The arguments of a call, in the order of the signature, and the errors of wrong ones.

use std::rc::Rc;

use array_assay_interface::{CallError, DType, Defaults, Output, Scalar};
use array_assay_namespace::signature;

use crate::array::Array;
use crate::device::Device;
use crate::error::{index_error, type_error, value_error};

/// An argument or a result.
pub type Value = Output<Array>;

/// The result of a call, or the reason why there is none.
pub type Answer = Result<Value, CallError>;

/// The dtype to which two promote.
pub fn promoted(a: DType, b: DType) -> Result<DType, CallError> {
    signature::promoted(a, b).ok_or_else(|| type_error(format!("{a} and {b} do not promote")))
}

/// The dtype that a Python scalar takes beside an array.
pub fn promoted_scalar(dtype: DType, scalar: Scalar) -> Result<DType, CallError> {
    signature::promoted_scalar(dtype, scalar).ok_or_else(|| type_error(format!("{scalar} does not go with an array of {dtype}")))
}

/// What all calls share.
pub struct Context {
    /// The devices, the default one first.
    pub devices: Vec<Rc<dyn Device>>,
    /// The dtypes of arrays for which a call names none.
    pub defaults: Defaults,
    /// The names of the namespace.
    pub names: Vec<&'static str>,
}

/// A call of a function of the standard.
pub struct Call<'a> {
    /// The name of the function.
    pub name: &'a str,
    /// What all calls share.
    pub context: &'a Context,
    /// One value for each parameter.
    pub values: Vec<Value>,
}

/// An axis of an array with `rank` axes. A negative one counts from the end.
pub fn axis_of(index: i128, rank: usize) -> Result<usize, CallError> {
    let axis = if index < 0 { index + rank as i128 } else { index };
    usize::try_from(axis)
        .ok()
        .filter(|axis| *axis < rank)
        .ok_or_else(|| index_error(format!("an array of {rank} axes has no axis {index}")))
}

/// Some axes, each of which may stand there once.
pub fn axes_of(indices: &[i128], rank: usize) -> Result<Vec<usize>, CallError> {
    let axes = indices.iter().map(|index| axis_of(*index, rank)).collect::<Result<Vec<_>, _>>()?;
    match (1..axes.len()).find(|i| axes[..*i].contains(&axes[*i])) {
        Some(i) => Err(value_error(format!("the axis {} stands there twice", axes[i]))),
        None => Ok(axes),
    }
}

impl Call<'_> {
    /// The argument at a position of the signature.
    pub fn value(&self, position: usize) -> &Value {
        self.values.get(position).unwrap_or(&Value::None)
    }

    fn refused(&self, position: usize, due: &str) -> CallError {
        let kind = self.value(position).kind_with(|_| "an array");
        type_error(format!("argument {} of `{}` has to be {due}, and not {kind}", position + 1, self.name))
    }

    /// An array.
    pub fn array(&self, position: usize) -> Result<&Array, CallError> {
        self.value(position).leaf().ok_or_else(|| self.refused(position, "an array"))
    }

    /// An array of a dtype that `takes` accepts.
    pub fn array_of(&self, position: usize, takes: impl Fn(DType) -> bool) -> Result<&Array, CallError> {
        let array = self.array(position)?;
        if takes(array.dtype()) {
            return Ok(array);
        }
        Err(type_error(format!("`{}` takes no arrays of {}", self.name, array.dtype())))
    }

    /// An array, if there is one.
    pub fn array_or_none(&self, position: usize) -> Result<Option<&Array>, CallError> {
        if self.value(position).is_none() { Ok(None) } else { self.array(position).map(Some) }
    }

    /// The arrays of a tuple or list.
    pub fn arrays(&self, position: usize) -> Result<Vec<Array>, CallError> {
        let items = self.value(position).items().ok_or_else(|| self.refused(position, "a tuple of arrays"))?;
        items.iter().map(|item| item.leaf().cloned().ok_or_else(|| self.refused(position, "a tuple of arrays"))).collect()
    }

    /// An integer.
    pub fn integer(&self, position: usize) -> Result<i128, CallError> {
        self.value(position).integer().ok_or_else(|| self.refused(position, "an integer"))
    }

    /// An integer, if there is one.
    pub fn integer_or_none(&self, position: usize) -> Result<Option<i128>, CallError> {
        if self.value(position).is_none() { Ok(None) } else { self.integer(position).map(Some) }
    }

    /// A size, which is an integer that is not negative.
    pub fn size(&self, position: usize) -> Result<usize, CallError> {
        let size = self.integer(position)?;
        usize::try_from(size).map_err(|_| value_error(format!("`{}` takes no size of {size}", self.name)))
    }

    /// True or false.
    pub fn flag(&self, position: usize) -> Result<bool, CallError> {
        self.value(position).flag().ok_or_else(|| self.refused(position, "True or False"))
    }

    /// A number.
    pub fn scalar(&self, position: usize) -> Result<Scalar, CallError> {
        self.value(position).scalar().ok_or_else(|| self.refused(position, "a number"))
    }

    /// A real number.
    pub fn real(&self, position: usize) -> Result<f64, CallError> {
        match self.scalar(position)? {
            Scalar::Int(v) => Ok(v as f64),
            Scalar::Float(v) => Ok(v),
            Scalar::Bool(v) => Ok(f64::from(u8::from(v))),
            Scalar::Complex(_) => Err(self.refused(position, "a real number")),
        }
    }

    /// A word.
    pub fn text(&self, position: usize) -> Result<&str, CallError> {
        self.value(position).text().ok_or_else(|| self.refused(position, "a string"))
    }

    /// A dtype, if there is one.
    pub fn dtype(&self, position: usize) -> Result<Option<DType>, CallError> {
        match self.value(position) {
            Value::None => Ok(None),
            Value::Dtype(dtype) => Ok(Some(*dtype)),
            _ => Err(self.refused(position, "a dtype")),
        }
    }

    /// A device, if there is one.
    pub fn device(&self, position: usize) -> Result<Option<&Rc<dyn Device>>, CallError> {
        match self.value(position) {
            Value::None => Ok(None),
            Value::Device(name) | Value::Str(name) => {
                let device = self.context.devices.iter().find(|device| device.name() == name);
                device.map(Some).ok_or_else(|| value_error(format!("there is no device `{name}`")))
            }
            _ => Err(self.refused(position, "a device")),
        }
    }

    /// A device, or the default one.
    pub fn device_or_default(&self, position: usize) -> Result<Rc<dyn Device>, CallError> {
        let device = self.device(position)?.or(self.context.devices.first());
        device.cloned().ok_or_else(|| value_error("there is no device"))
    }

    /// Sizes of axes: a tuple, or an int for one axis.
    pub fn shape(&self, position: usize) -> Result<Vec<usize>, CallError> {
        let sizes = self.value(position).integers().ok_or_else(|| self.refused(position, "a shape"))?;
        sizes.iter().map(|n| usize::try_from(*n).map_err(|_| value_error(format!("no axis has {n} elements")))).collect()
    }

    /// One axis.
    pub fn axis(&self, position: usize, rank: usize) -> Result<usize, CallError> {
        axis_of(self.integer(position)?, rank)
    }

    /// One axis, if there is one.
    pub fn axis_or_none(&self, position: usize, rank: usize) -> Result<Option<usize>, CallError> {
        if self.value(position).is_none() { Ok(None) } else { self.axis(position, rank).map(Some) }
    }

    /// One axis or several, or all for `None`.
    pub fn axes(&self, position: usize, rank: usize) -> Result<Vec<usize>, CallError> {
        if self.value(position).is_none() {
            return Ok((0..rank).collect());
        }
        let indices = self.value(position).integers().ok_or_else(|| self.refused(position, "an axis or several"))?;
        axes_of(&indices, rank)
    }

    /// Integers: one or several.
    pub fn integers(&self, position: usize) -> Result<Vec<i128>, CallError> {
        self.value(position).integers().ok_or_else(|| self.refused(position, "an integer or several"))
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Value {
        Value::Array(array)
    }
}

/// How a function answers a call.
pub type Function = fn(&Call<'_>) -> Answer;

/// An answer that is an array of several names.
pub fn named<const N: usize>(fields: [(&str, Array); N]) -> Value {
    Value::named(fields.map(|(name, array)| (name, Value::Array(array))))
}
