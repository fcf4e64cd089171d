//! A library with polyfills, which is a backend itself.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use array_assay_interface::{Argument, Array, Backend, CallError, DType, Defaults, Identity, Output, Presence, Record, Scalar};

use crate::bind::bound;
use crate::generated::table::EXTENSIONS;
use crate::generated::{bodies, table};
use crate::kernels::block::broadcast_shape;
use crate::kernels::indexing::assigned;
use crate::kernels::{self, Context};
use crate::scope::Scope;
use crate::value::{Answer, Value, type_error, value_error};

/// Where a function comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The library has the function. A call that it refuses, because of its dtypes or its form, goes to a polyfill or a kernel, if
    /// `completed`.
    Native {
        /// Whether a polyfill or a kernel serves the calls that the library refuses.
        completed: bool,
    },
    /// A polyfill, which is composed of other functions.
    Composed,
    /// A kernel, which computes the elements on the host.
    Kernel,
}

/// A library with polyfills and kernels for what it lacks.
///
/// A call goes to the library's own function if there is one. If the library refuses the call (it returns an error or panics), the call
/// goes to the polyfill or the kernel of the function, which refuses illegal arguments itself. [`Polyfilled::without`] removes functions of
/// the library that deviate from the standard.
#[derive(Debug)]
pub struct Polyfilled<B: Backend> {
    backend: B,
    native: BTreeSet<String>,
    context: Context,
    identity: Identity,
}

impl<B: Backend> Polyfilled<B> {
    /// Wraps a library and trusts all of its functions.
    pub fn new(backend: B) -> Polyfilled<B> {
        let names: Vec<String> = table::FUNCTIONS.iter().map(|function| function.path.to_owned()).collect();
        let identity = backend.identity(&names);
        Polyfilled {
            native: identity.functions.keys().cloned().collect(),
            context: Context {
                defaults: Defaults::named(&identity.default_dtypes),
                device: identity.devices.first().cloned().unwrap_or_else(|| "cpu".to_owned()),
            },
            identity,
            backend,
        }
    }

    /// Removes some of the library's own functions, by their paths.
    pub fn without(mut self, functions: &[&str]) -> Polyfilled<B> {
        self.native.retain(|function| !functions.contains(&function.as_str()));
        self
    }

    /// The library itself.
    pub fn library(&mut self) -> &mut B {
        &mut self.backend
    }

    /// Where a function comes from. `None` if neither the library nor a polyfill nor a kernel has it.
    pub fn origin(&self, function: &str) -> Option<Origin> {
        self.origin_of(function, 8)
    }

    fn origin_of(&self, function: &str, depth: usize) -> Option<Origin> {
        let completed = self.completion(function, depth);
        if self.native.contains(function) { Some(Origin::Native { completed: completed.is_some() }) } else { completed }
    }

    fn completion(&self, function: &str, depth: usize) -> Option<Origin> {
        if let Some(other) = same(function) {
            return depth.checked_sub(1).and_then(|depth| self.origin_of(other, depth)).map(|origin| match origin {
                Origin::Native { .. } => Origin::Composed,
                other => other,
            });
        }
        if answers(function) {
            return Some(Origin::Kernel);
        }
        let entry = table::find(function)?;
        if let Some(operator) = entry.operator {
            let origin = depth.checked_sub(1).and_then(|depth| self.origin_of(operator.semantics, depth))?;
            return Some(if origin == Origin::Kernel { Origin::Kernel } else { Origin::Composed });
        }
        if bodies::find::<Self>(function).is_some() {
            return Some(Origin::Composed);
        }
        let kernel = kernels::find(function).is_some() || entry.operands > 0 && kernels::is_elementwise(function, entry.operands);
        kernel.then_some(Origin::Kernel)
    }

    fn answer(&mut self, function: &str, args: &[Value<B::Array>], kwargs: &[(String, Value<B::Array>)]) -> Answer<B::Array> {
        if let Some(Value::Device(name)) = kwargs.iter().find(|(name, _)| name == "device").map(|(_, device)| device)
            && *name != self.context.device
        {
            return Err(value_error(format!("there is no device `{name}`")));
        }
        let refused = match self.own(function, args, kwargs) {
            Ok(value) => return Ok(value),
            Err(refused) => refused,
        };
        match self.completed(function, args, kwargs) {
            Err(CallError::Missing(missing)) if missing == function => Err(refused),
            answer => answer,
        }
    }

    /// Calls the library's own function.
    fn own(&mut self, function: &str, args: &[Value<B::Array>], kwargs: &[(String, Value<B::Array>)]) -> Answer<B::Array> {
        if !self.native.contains(function) {
            return Err(CallError::Missing(function.to_owned()));
        }
        // Some libraries panic if shapes do not broadcast.
        if table::find(function).is_some_and(|entry| entry.operands > 1 || entry.operator.is_some()) {
            let mut shapes = Vec::with_capacity(args.len());
            for arg in args {
                if let Value::Array(array) = arg {
                    shapes.push(self.backend.describe(array)?.1);
                }
            }
            broadcast_shape(shapes.iter().map(Vec::as_slice))?;
        }
        let passed: Vec<Argument<'_, B::Array>> = args.iter().map(Value::as_ref).collect();
        let keywords: Vec<_> = kwargs.iter().map(|(name, value)| (name.clone(), value.as_ref())).collect();
        let backend = &mut self.backend;
        let called = catch_unwind(AssertUnwindSafe(|| backend.call(function, &passed, &keywords)));
        called.unwrap_or_else(|_| Err(CallError::raised("panic", format!("`{function}` of the library panicked"))))
    }

    /// Calls a polyfill or a kernel.
    fn completed(&mut self, function: &str, args: &[Value<B::Array>], kwargs: &[(String, Value<B::Array>)]) -> Answer<B::Array> {
        let missing = || CallError::Missing(function.to_owned());
        if let Some(other) = same(function) {
            return self.answer(other, args, kwargs);
        }
        if let Some(answer) = self.told(function, args)? {
            return Ok(answer);
        }
        let entry = table::find(function).ok_or_else(missing)?;
        match (function, args) {
            ("operator.setitem", [target, key, value]) => return self.assign(target, key, value),
            ("operator.imatmul", [target, other]) => {
                let product = self.answer("matmul", &[target.clone(), other.clone()], &[])?;
                return self.store(target, product);
            }
            ("method.__rmatmul__", [x2, x1]) => return self.answer("matmul", &[x1.clone(), x2.clone()], &[]),
            ("operator.eq", [Value::Dtype(a), Value::Dtype(b)]) => return Ok(Value::from(a == b)),
            ("operator.eq", [Value::Dtype(_), _]) => return Ok(Value::from(false)),
            ("asarray" | "astype", [Value::Array(_), ..]) => {
                let given = bound(entry, args, kwargs)?;
                if let Some(answer) = self.as_it_is(function, &given)? {
                    return Ok(answer);
                }
            }
            _ => {}
        }
        if let Some(operator) = entry.operator {
            let operands: Vec<Value<B::Array>> = match operator.form {
                table::Form::Reflected => args.iter().rev().cloned().collect(),
                _ => args.to_vec(),
            };
            let result = self.answer(operator.semantics, &operands, &[])?;
            return match (operator.form, args.first()) {
                (table::Form::InPlace, Some(target)) => self.store(target, result),
                _ => Ok(result),
            };
        }
        // The first argument of a method is its object.
        let args = if function.starts_with("method.") { args.get(1..).unwrap_or_default() } else { args };
        let given = bound(entry, args, kwargs)?;
        if let Some(body) = bodies::find::<Self>(function) {
            let defaults = self.context.defaults;
            return body(&Scope::new(self, defaults), given);
        }
        if let Some(kernel) = kernels::find(function) {
            let host = self.read(&given, kernel.reads)?;
            let answer = (kernel.call)(&kernels::Call { context: &self.context, args: &host })?;
            return self.write(answer);
        }
        if entry.operands > 0 && kernels::is_elementwise(function, entry.operands) {
            let host = self.read(&given, true)?;
            let answer = kernels::elementwise(entry, &host)?;
            return self.write(answer);
        }
        Err(missing())
    }

    /// Copies arrays to the host. If the elements do not matter, only dtype and shape.
    fn read(&mut self, values: &[Value<B::Array>], elements: bool) -> Result<Vec<Value<Array>>, CallError> {
        let backend = &mut self.backend;
        let mut of = |array: &B::Array| {
            if elements {
                return backend.to_host(array);
            }
            backend.describe(array).map(|(dtype, shape)| Array { dtype, shape, data: Vec::new() })
        };
        values.iter().map(|value| value.as_ref().try_map(&mut of)).collect()
    }

    fn write(&mut self, value: Value<Array>) -> Answer<B::Array> {
        value.try_map(|array| self.backend.from_host(&array))
    }

    /// A fact of an array, an object or the library that needs no function.
    fn told(&mut self, function: &str, args: &[Value<B::Array>]) -> Result<Option<Value<B::Array>>, CallError> {
        if let Some(name) = function.strip_prefix("attribute.") {
            return Ok(match args.first() {
                Some(object @ Value::Fields(Record::Object | Record::Named, _)) => object.field(name).cloned(),
                Some(Value::Array(array)) => {
                    let (dtype, shape) = self.backend.describe(array)?;
                    match name {
                        "dtype" => Some(dtype.into()),
                        "shape" => Some(Value::ints(shape)),
                        "ndim" => Some(Value::int(shape.len() as i128)),
                        "size" => Some(Value::int(shape.iter().product::<usize>() as i128)),
                        "device" => Some(Value::Device(self.context.device.clone())),
                        "T" if shape.len() == 2 => Some(self.answer("matrix_transpose", args, &[])?),
                        "T" => return Err(value_error("only a matrix has a transpose")),
                        "mT" => Some(self.answer("matrix_transpose", args, &[])?),
                        _ => None,
                    }
                }
                _ => None,
            });
        }
        if let ("operator.getitem", [tuple, key]) = (function, args)
            && !matches!(tuple, Value::Array(_))
        {
            let defaults = self.context.defaults;
            return Scope::new(self, defaults).item(&tuple.clone(), key).map(Some);
        }
        Ok(Some(match function {
            "e" => std::f64::consts::E.into(),
            "inf" => f64::INFINITY.into(),
            "nan" => f64::NAN.into(),
            "pi" => std::f64::consts::PI.into(),
            "newaxis" => Value::None,
            "__array_api_version__" => table::REVISION.into(),
            "__array_namespace_info__" => Value::Fields(Record::Object, Vec::new()),
            "method.default_device" => Value::Device(self.context.device.clone()),
            "method.devices" => Value::Tuple(vec![Value::Device(self.context.device.clone())]),
            "method.capabilities" => {
                Value::dict([("boolean indexing", true.into()), ("data-dependent shapes", true.into()), ("max dimensions", Value::None)])
            }
            "method.to_device" => match args {
                [array, Value::Device(name)] if *name == self.context.device => array.clone(),
                _ => return Err(value_error("there is no such device")),
            },
            name => match name.parse::<DType>() {
                Ok(dtype) => dtype.into(),
                Err(_) => return Ok(None),
            },
        }))
    }

    /// The array itself, if it already is what is asked for, or a copy of it.
    fn as_it_is(&mut self, function: &str, given: &[Value<B::Array>]) -> Result<Option<Value<B::Array>>, CallError> {
        let Some(Value::Array(array)) = given.first() else { return Ok(None) };
        let (own, _) = self.backend.describe(array)?;
        let dtype = match given.get(1) {
            Some(Value::Dtype(dtype)) => *dtype,
            _ => own,
        };
        let copy = given.get(if function == "asarray" { 3 } else { 2 }).unwrap_or(&Value::None);
        match (dtype == own, copy) {
            (true, Value::Scalar(Scalar::Bool(true))) => {
                let copy = self.backend.to_host(array)?;
                Ok(Some(Value::Array(self.backend.from_host(&copy)?)))
            }
            (true, _) => Ok(Some(given[0].clone())),
            (false, Value::Scalar(Scalar::Bool(false))) if function == "asarray" => Err(value_error("it would have to copy")),
            (false, _) if function == "asarray" => self.answer("astype", &[given[0].clone(), dtype.into()], &[]).map(Some),
            (false, _) => Ok(None),
        }
    }

    /// `target[key] = value` on the host.
    fn assign(&mut self, target: &Value<B::Array>, key: &Value<B::Array>, value: &Value<B::Array>) -> Answer<B::Array> {
        let host = self.read(&[target.clone(), key.clone(), value.clone()], true)?;
        let [Value::Array(x), key, value] = host.as_slice() else { return Err(type_error("an array is assigned to")) };
        let new = assigned(x, key, value)?;
        let new = self.backend.from_host(&new)?;
        self.store(target, Value::Array(new))
    }

    /// Writes new elements into an array with the library's own assignment.
    fn store(&mut self, target: &Value<B::Array>, new: Value<B::Array>) -> Answer<B::Array> {
        let (Value::Array(old), Value::Array(array)) = (target, &new) else { return Err(type_error("an array is assigned to")) };
        let (have, want) = (self.backend.describe(array)?, self.backend.describe(old)?);
        if have.0 != want.0 {
            return Err(type_error(format!("the result has the dtype {}, and not {}", have.0, want.0)));
        }
        if have.1 != want.1 {
            return Err(value_error(format!("the result has the shape {:?}, and not {:?}", have.1, want.1)));
        }
        self.own("operator.setitem", &[target.clone(), Value::Ellipsis, new], &[])?;
        Ok(target.clone())
    }
}

/// The function of the main namespace that a function of an extension, or an operator, stands for.
fn same(function: &str) -> Option<&'static str> {
    let name = function.strip_prefix("linalg.").unwrap_or(function);
    match name {
        "operator.matmul" => Some("matmul"),
        _ if name == function => None,
        _ => table::find(name).filter(|_| table::ALIASES.contains(&function)).map(|entry| entry.path),
    }
}

/// Whether a function needs no elements of arrays.
fn answers(function: &str) -> bool {
    matches!(
        function,
        "attribute.dtype"
            | "attribute.shape"
            | "attribute.ndim"
            | "attribute.size"
            | "attribute.device"
            | "attribute.T"
            | "attribute.mT"
            | "e"
            | "inf"
            | "nan"
            | "pi"
            | "newaxis"
            | "__array_api_version__"
            | "__array_namespace_info__"
            | "method.default_device"
            | "method.devices"
            | "method.capabilities"
            | "method.to_device"
            | "operator.setitem"
            | "operator.imatmul"
            | "method.__rmatmul__"
    ) || function.parse::<DType>().is_ok()
}

impl<B: Backend> Backend for Polyfilled<B> {
    type Array = B::Array;

    fn identity(&self, functions: &[String]) -> Identity {
        let reached = functions.iter().filter(|name| self.origin(name).is_some());
        let mut extensions = self.identity.extensions.clone();
        for extension in EXTENSIONS {
            if !extensions.iter().any(|name| name == extension) {
                extensions.push((*extension).to_owned());
            }
        }
        Identity {
            functions: reached.map(|name| (name.clone(), Presence { signature: None })).collect(),
            extensions,
            default_dtypes: self.context.defaults.names(),
            also: BTreeMap::from([(env!("CARGO_PKG_NAME").to_owned(), env!("CARGO_PKG_VERSION").to_owned())]),
            ..self.identity.clone()
        }
    }

    fn from_host(&mut self, array: &Array) -> Result<B::Array, CallError> {
        self.backend.from_host(array)
    }

    fn to_host(&mut self, array: &B::Array) -> Result<Array, CallError> {
        self.backend.to_host(array)
    }

    fn describe(&mut self, array: &B::Array) -> Result<(DType, Vec<usize>), CallError> {
        self.backend.describe(array)
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, B::Array>],
        kwargs: &[(String, Argument<'_, B::Array>)],
    ) -> Result<Output<B::Array>, CallError> {
        let args: Vec<Value<B::Array>> = args.iter().map(Argument::cloned).collect();
        let kwargs: Vec<_> = kwargs.iter().map(|(name, arg)| (name.clone(), arg.cloned())).collect();
        self.answer(function, &args, &kwargs)
    }
}
