//! The language of polyfill bodies on the values of a running program: calls of the namespace, operators and attributes.

use std::cell::RefCell;

use array_assay_interface::{Argument, Backend, CallError, DType, Defaults, Record, Slice};
pub(crate) use array_assay_language::{BinaryOp as Binary, CompareOp as Compare, UnaryOp as Unary};
use array_assay_language::{Evaluator, Helper};

use crate::bind::bound;
use crate::generated::{bodies, table};
use crate::value::{Answer, Due, Value, type_error, value_error};

/// The namespace in which a body runs.
pub(crate) struct Scope<'n, N: Backend> {
    namespace: RefCell<&'n mut N>,
    defaults: Defaults,
}

impl<'n, N: Backend> Scope<'n, N> {
    pub fn new(namespace: &'n mut N, defaults: Defaults) -> Scope<'n, N> {
        Scope { namespace: RefCell::new(namespace), defaults }
    }

    /// Calls a function of the namespace, or its polyfill if the namespace lacks it.
    pub fn call(&self, function: &str, args: &[Value<N::Array>], named: &[(&str, Value<N::Array>)]) -> Answer<N::Array> {
        let own = |name: &str| name.starts_with('_') && !name.starts_with("__");
        if !own(function) {
            let passed: Vec<Argument<'_, N::Array>> = args.iter().map(Value::as_ref).collect();
            let keywords: Vec<_> = named.iter().map(|(name, value)| ((*name).to_owned(), value.as_ref())).collect();
            match self.namespace.borrow_mut().call(function, &passed, &keywords) {
                Err(CallError::Missing(_)) if table::find(function).is_some() => {}
                answer => return answer,
            }
        }
        let missing = || CallError::Missing(function.to_owned());
        let signature = table::find(function).ok_or_else(missing)?;
        let keywords: Vec<_> = named.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let body = bodies::find::<N>(function).ok_or_else(missing)?;
        body(self, bound(signature, args, &keywords)?)
    }

    fn described(&self, array: &N::Array) -> Result<(DType, Vec<usize>), CallError> {
        self.namespace.borrow_mut().describe(array)
    }

    /// Applies an operator to arrays, or the function of the operator if the namespace lacks the operator.
    fn operator(&self, path: &str, args: &[Value<N::Array>]) -> Answer<N::Array> {
        let passed: Vec<Argument<'_, N::Array>> = args.iter().map(Value::as_ref).collect();
        let answer = self.namespace.borrow_mut().call(path, &passed, &[]);
        match (answer, table::find(path).and_then(|function| function.operator)) {
            (Err(CallError::Missing(_)), Some(operator)) => {
                // A function may refuse a scalar that its operator takes.
                let dtype = args.iter().find_map(|arg| if let Value::Array(array) = arg { Some(self.described(array)) } else { None });
                let dtype = dtype.transpose()?.map(|(dtype, _)| dtype);
                let mut operands = Vec::with_capacity(args.len());
                for arg in args {
                    operands.push(match (arg, dtype) {
                        (Value::Scalar(_), Some(dtype)) => self.call("asarray", std::slice::from_ref(arg), &[("dtype", dtype.into())])?,
                        _ => arg.clone(),
                    });
                }
                self.call(operator.semantics, &operands, &[])
            }
            (answer, _) => answer,
        }
    }

    pub fn binary(&self, op: Binary, x: Value<N::Array>, y: Value<N::Array>) -> Answer<N::Array> {
        if matches!(x, Value::Array(_)) || matches!(y, Value::Array(_)) {
            return self.operator(op.path(), &[x, y]);
        }
        let value = array_assay_language::binary(op, &x, &y);
        value.ok_or_else(|| type_error(format!("`{}` does not take {} and {}", op.symbol(), x.kind(), y.kind())))
    }

    pub fn compare(&self, op: Compare, x: Value<N::Array>, y: Value<N::Array>) -> Answer<N::Array> {
        if matches!(x, Value::Array(_)) || matches!(y, Value::Array(_)) {
            return self.operator(op.path(), &[x, y]);
        }
        let holds = array_assay_language::compare(op, &x, &y);
        holds.map(Value::from).ok_or_else(|| type_error(format!("{} and {} are not compared by `{}`", x.kind(), y.kind(), op.symbol())))
    }

    pub fn unary(&self, op: Unary, x: Value<N::Array>) -> Answer<N::Array> {
        if let (Value::Array(_), Some(path)) = (&x, op.path()) {
            return self.operator(path, &[x]);
        }
        let value = x.scalar().and_then(|scalar| array_assay_language::unary(op, scalar));
        value.map(Value::Scalar).ok_or_else(|| type_error(format!("{op:?} does not take {}", x.kind())))
    }

    /// An attribute of an array, or of an object.
    pub fn attribute(&self, of: &Value<N::Array>, name: &str) -> Answer<N::Array> {
        let array = match of {
            Value::Array(array) => array,
            Value::Fields(Record::Object | Record::Named, _) => {
                return of.field(name).cloned().ok_or_else(|| CallError::Missing(format!("attribute.{name}")));
            }
            other => return Err(type_error(format!("{} has no attribute `{name}`", other.kind()))),
        };
        let (dtype, shape) = self.described(array)?;
        Ok(match name {
            "dtype" => Value::Dtype(dtype),
            "shape" => Value::ints(shape),
            "ndim" => Value::int(shape.len() as i128),
            "size" => Value::int(shape.iter().product::<usize>() as i128),
            "mT" | "T" => return self.call("matrix_transpose", std::slice::from_ref(of), &[]),
            // A library without the attribute has one device.
            _ => match self.namespace.borrow_mut().call(&format!("attribute.{name}"), &[of.as_ref()], &[]) {
                Err(CallError::Missing(_)) if name == "device" => Value::None,
                answer => answer?,
            },
        })
    }

    /// Part of an array, a tuple or a string.
    pub fn item(&self, of: &Value<N::Array>, key: &Value<N::Array>) -> Answer<N::Array> {
        match of {
            Value::Array(_) => self.call("operator.getitem", &[of.clone(), key.clone()], &[]),
            _ => Ok(array_assay_language::item(of, key)?),
        }
    }

    /// A function of the language.
    pub fn helper(&self, name: &str, args: &[Value<N::Array>]) -> Answer<N::Array> {
        Helper::named(name).ok_or_else(|| CallError::Missing(name.to_owned()))?.call(&mut { self }, args)
    }
}

impl<N: Backend> Evaluator for &Scope<'_, N> {
    type Leaf = N::Array;
    type Error = CallError;

    fn kind(&self, _: &N::Array) -> &'static str {
        "an array"
    }

    fn is_array(&self, _: &N::Array) -> bool {
        true
    }

    fn is_integer(&self, _: &N::Array) -> bool {
        false
    }

    fn knows_size(&self, _: &N::Array) -> bool {
        true
    }

    fn int(&mut self, array: &N::Array) -> Answer<N::Array> {
        self.call("builtins.int", &[Value::Array(array.clone())], &[])
    }

    fn defaults(&self) -> Defaults {
        self.defaults
    }
}

/// A slice with these bounds.
pub(crate) fn slice<A>(start: &Value<A>, stop: &Value<A>, step: &Value<A>) -> Answer<A> {
    let bound = |value: &Value<A>| -> Result<Option<i64>, CallError> {
        if value.is_none() {
            return Ok(None);
        }
        i64::try_from(value.try_integer()?).map(Some).map_err(|_| value_error("a bound of a slice is out of range"))
    };
    Ok(Value::Slice(Slice { start: bound(start)?, stop: bound(stop)?, step: bound(step)? }))
}

/// Whether an item is one of several.
pub(crate) fn contains<A>(items: &Value<A>, item: &Value<A>) -> Result<bool, CallError> {
    array_assay_language::contains(items.try_items()?, item).ok_or_else(|| type_error("arrays in tuples are not compared"))
}
