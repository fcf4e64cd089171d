//! What Python itself computes of values that are no arrays: sizes, their sums, slices, items of tuples.

use array_assay_interface::{Argument, CallError, Output, Record, Scalar, Slice, Tree};

/// The answer to a call without arrays. `None` if the call is one of the library.
pub fn answer<A: Clone>(path: &str, args: &[Argument<'_, A>]) -> Option<Result<Output<A>, CallError>> {
    if let ("operator.getitem", [of, key]) = (path, args) {
        return item(of, key);
    }
    let (module, name) = path.split_once('.').filter(|(module, _)| matches!(*module, "operator" | "builtins"))?;
    if let ("builtins", "slice", [start, stop, step]) = (module, name, args) {
        let part = |part: &Argument<'_, A>| part.integer().and_then(|n| i64::try_from(n).ok());
        return Some(Ok(Tree::Slice(Slice { start: part(start), stop: part(stop), step: part(step) })));
    }
    let scalars: Vec<Scalar> = args.iter().map(Tree::scalar).collect::<Option<_>>()?;
    let result = match (module, &scalars[..]) {
        ("operator", [Scalar::Int(a), Scalar::Int(b)]) => integers(name, *a, *b),
        ("operator", [a, b]) => numbers(name, real(*a)?, real(*b)?),
        ("operator", [Scalar::Int(a)]) if matches!(name, "neg" | "index") => Some(Scalar::Int(if name == "neg" { -a } else { *a })),
        ("operator", [Scalar::Float(a)]) if name == "neg" => Some(Scalar::Float(-a)),
        ("builtins", [a]) => conversion(name, *a),
        _ => None,
    };
    let divides = matches!(name, "truediv" | "floordiv" | "mod") && scalars.get(1).is_some_and(|b| real(*b) == Some(0.0));
    let failed = || divides.then(|| Err(CallError::raised("ZeroDivisionError", "division by zero")));
    result.map(|scalar| Ok(Tree::Scalar(scalar))).or_else(failed)
}

/// An item of a tuple or a list.
fn item<A: Clone>(of: &Argument<'_, A>, key: &Argument<'_, A>) -> Option<Result<Output<A>, CallError>> {
    let items: Vec<&Argument<'_, A>> = match of {
        Tree::Tuple(items) | Tree::List(items) => items.iter().collect(),
        Tree::Fields(Record::Named, fields) => fields.iter().map(|(_, item)| item).collect(),
        _ => return None,
    };
    if let Tree::Slice(slice) = key {
        let chosen = slice.indices(items.len())?.filter_map(|i| items.get(i)).map(|item| item.cloned()).collect();
        return Some(Ok(Tree::Tuple(chosen)));
    }
    let at = key.integer()?;
    let at = if at < 0 { at + items.len() as i128 } else { at };
    let found = usize::try_from(at).ok().and_then(|at| items.get(at));
    Some(found.map(|item| item.cloned()).ok_or_else(|| CallError::raised("IndexError", "tuple index out of range")))
}

/// A real number.
fn real(scalar: Scalar) -> Option<f64> {
    match scalar {
        Scalar::Bool(v) => Some(f64::from(v)),
        Scalar::Int(v) => Some(v as f64),
        Scalar::Float(v) => Some(v),
        Scalar::Complex(_) => None,
    }
}

fn integers(name: &str, a: i128, b: i128) -> Option<Scalar> {
    Some(Scalar::Int(match name {
        "add" => a.checked_add(b)?,
        "sub" => a.checked_sub(b)?,
        "mul" => a.checked_mul(b)?,
        // Python rounds down.
        "floordiv" => a.checked_rem(b).map(|rest| (a - rest) / b - i128::from(rest != 0 && (rest < 0) != (b < 0)))?,
        "mod" => a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })?,
        "pow" if b >= 0 => a.checked_pow(u32::try_from(b).ok()?)?,
        "truediv" if b != 0 => return Some(Scalar::Float(a as f64 / b as f64)),
        _ => return numbers(name, a as f64, b as f64),
    }))
}

fn numbers(name: &str, a: f64, b: f64) -> Option<Scalar> {
    Some(match name {
        "add" => Scalar::Float(a + b),
        "sub" => Scalar::Float(a - b),
        "mul" => Scalar::Float(a * b),
        "truediv" if b != 0.0 => Scalar::Float(a / b),
        "floordiv" if b != 0.0 => Scalar::Float((a / b).floor()),
        "mod" if b != 0.0 => Scalar::Float(a - (a / b).floor() * b),
        "pow" => Scalar::Float(a.powf(b)),
        "eq" => Scalar::Bool(a == b),
        "ne" => Scalar::Bool(a != b),
        "lt" => Scalar::Bool(a < b),
        "le" => Scalar::Bool(a <= b),
        "gt" => Scalar::Bool(a > b),
        "ge" => Scalar::Bool(a >= b),
        _ => return None,
    })
}

fn conversion(name: &str, a: Scalar) -> Option<Scalar> {
    Some(match (name, a) {
        ("bool", a) => Scalar::Bool(a.element().truth()),
        ("float", a) => Scalar::Float(real(a)?),
        ("int", Scalar::Float(v)) => Scalar::Int(v.trunc() as i128),
        ("int", a) => Scalar::Int(a.element().integer()),
        ("complex", a) => Scalar::Complex(a.element().components()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, args: &[Argument<'_, ()>]) -> Option<Output<()>> {
        answer(path, args)?.ok()
    }

    #[test]
    fn sizes_are_computed_as_python_does() {
        let int = |v: i128| Tree::int(v);
        assert_eq!(of("operator.floordiv", &[int(-7), int(2)]), Some(Tree::int(-4)));
        assert_eq!(of("operator.mod", &[int(-7), int(2)]), Some(Tree::int(1)));
        assert_eq!(of("operator.truediv", &[int(1), int(4)]), Some(Tree::Scalar(Scalar::Float(0.25))));
        assert_eq!(
            of("builtins.slice", &[int(1), Tree::None, Tree::None]),
            Some(Tree::Slice(Slice { start: Some(1), stop: None, step: None }))
        );
        assert_eq!(of("operator.getitem", &[Tree::ints([4, 5]), int(-1)]), Some(Tree::int(5)));
        assert!(matches!(answer::<()>("operator.truediv", &[int(1), int(0)]), Some(Err(CallError::Raised(_)))));
    }

    #[test]
    fn what_has_arrays_is_the_librarys() {
        assert!(answer("operator.add", &[Tree::Array(&()), Tree::int(1)]).is_none());
        assert!(answer::<()>("zeros", &[Tree::int(1)]).is_none());
    }
}
